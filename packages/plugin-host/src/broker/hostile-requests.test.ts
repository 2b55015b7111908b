import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildPlugin } from '../testing/build-plugin.ts';
import { createPluginBed, sampleAttempt } from '../testing/plugin-bed.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { createSendHttp } from './create-send-http.ts';
import type { SendHttp } from './http-request.ts';
import { createFileKvStore } from './kv-store.ts';
import { createPluginCipher, derivePluginKey } from './plugin-cipher.ts';

const plugin = await buildPlugin(
  new URL('../testing/hostile/hostile-plugin.ts', import.meta.url),
  sampleManifest({
    network: ['api.sample.example', 'rebound.sample.example'],
    // Wide, so that the host's own folder is not protected by narrow words alone.
    files: ['~/.tool/token.json', '~/.proxycast/*.key'],
    keychain: [{ service: 'tool' }],
  }),
);
const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-requests-')));
await mkdir(join(home, '.ssh'));
await mkdir(join(home, '.tool'));
await mkdir(join(home, '.proxycast'));
await writeFile(join(home, '.ssh', 'id_ed25519'), 'a private key');
await writeFile(join(home, '.ssh', 'id_ed25519.pub'), 'a public key');
await writeFile(join(home, '.proxycast', 'secret.key'), 'the master key');

/** What is on the network: one service, and everything else that must not be asked. */
const asked: string[] = [];
const guarded = createSendHttp({
  lookUp: async (name) => [{ address: name.startsWith('rebound.') ? '127.0.0.1' : '203.0.113.7' }],
  isPublicAddress: (address) => !address.startsWith('127.'),
});
const send: SendHttp = async (sending) => {
  asked.push(sending.url.host);
  // Judged as in earnest, up to the connection.
  if (sending.url.hostname.startsWith('rebound.')) return await guarded(sending);
  const isRedirect = sending.url.pathname === '/redirect-out';
  return {
    status: isRedirect ? 302 : 200,
    headers: isRedirect ? [['location', 'https://evil.example.com/?stolen']] : [],
    body: (async function* () {})(),
  };
};

const secret = randomBytes(32);
const bed = await createPluginBed({
  folder: plugin.folder,
  home,
  send,
  secret,
  readKeychain: async () => 'a password',
});
const foreign = createPluginCipher(derivePluginKey(secret, 'another-plugin', 'crypto'));
await createFileKvStore({
  path: join(bed.dataFolder, 'sample-provider', 'kv.sealed'),
  cipher: createPluginCipher(derivePluginKey(secret, 'sample-provider', 'kv')),
}).set('foreign', Buffer.from(foreign.seal(Buffer.from('of another'), '')).toString('base64'));
await bed.unit.supervisor.start();

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  await plugin[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

test.each([
  { what: 'a host outside of network', code: 'not_granted' },
  { what: 'a host with a like name', code: 'not_granted' },
  { what: 'a user in the address', code: 'not_granted' },
  { what: 'another port', code: 'not_granted' },
  { what: 'no TLS', code: 'not_granted' },
  { what: 'this machine', code: 'not_granted' },
  { what: 'a file by its address', code: 'not_granted' },
  { what: 'a redirect that leads out', code: 'not_granted' },
  { what: 'a name that leads to this machine', code: 'not_granted' },
  { what: 'a header of the host’s own', code: 'invalid_params' },
  { what: 'a header in a header', code: 'invalid_params' },
  { what: 'a file that was not granted', code: 'not_granted' },
  { what: 'a file by a way up', code: 'not_granted' },
  { what: 'a file by its absolute path', code: 'not_granted' },
  { what: 'the host’s own file by a wide pattern', code: 'not_granted' },
  { what: 'a folder that was not granted', code: 'not_granted' },
  { what: 'a watch that was not granted', code: 'not_granted' },
  { what: 'a keychain item that was not granted', code: 'not_granted' },
  { what: 'SQL that attaches', code: 'sql_refused' },
  { what: 'SQL that writes elsewhere', code: 'sql_refused' },
  { what: 'SQL that loads code', code: 'sql_refused' },
  { what: 'SQL that turns safety off', code: 'sql_refused' },
  { what: 'SQL on the host’s table', code: 'sql_refused' },
  { what: 'SQL that drops the host’s table', code: 'sql_refused' },
  { what: 'SQL that never ends', code: 'statement_too_slow' },
  { what: 'SQL that eats memory', code: 'sql_failed' },
  { what: 'SQL without an end of rows', code: 'result_too_large' },
  { what: 'more than a store holds', code: 'store_full' },
  { what: 'bytes that another plugin sealed', code: 'cannot_open' },
])('$what is refused', async ({ what, code }) => {
  const prepared = await bed.unit.port.prepare(sampleAttempt({ model: what }));
  if (prepared.type !== 'refused') throw new Error('It was prepared.');
  expect(`${prepared.error.code}: ${prepared.error.message}`).toBe(`could_not: ${code}`);
});

test('and nobody was asked but those that were granted', () => {
  expect([...new Set(asked)]).toEqual(['api.sample.example', 'rebound.sample.example']);
  expect(bed.exits).toEqual([]);
});
