import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { consentToAll } from './broker/grants.ts';
import { type PluginHost, startPluginHost } from './create-plugin-host.ts';
import { verifyFiles } from './loader/verify-files.ts';
import { buildPlugin } from './testing/build-plugin.ts';
import { outerHere, sampleAttempt } from './testing/plugin-bed.ts';
import { sampleManifest } from './testing/sample-manifest.ts';

const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-host-')));
afterAll(() => rm(home, { recursive: true, force: true }));
let count = 0;

interface Records {
  [name: string]: { readonly enabled: boolean };
}

async function start(records: Records, install: (folder: string) => Promise<void>) {
  const place = join(home, String(++count));
  const folder = join(place, 'plugins');
  await mkdir(folder, { recursive: true });
  await install(folder);
  const states: string[] = [];
  const logs: string[] = [];
  const host: PluginHost = await startPluginHost({
    folder,
    node: process.execPath,
    outer: await outerHere(),
    databaseProgram: new URL('./database/database-process.ts', import.meta.url).pathname,
    dataFolder: join(place, 'plugin-data'),
    secret: randomBytes(32),
    hostVersion: '1.0.0',
    platform: 'linux-x64',
    locale: () => 'en',
    folders: { home: place },
    ownFolders: [place],
    send: async () => {
      throw new Error('This test has no upstream.');
    },
    now: Date.now,
    random: () => 0,
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    async recordOf(name) {
      const record = records[name];
      if (record === undefined) return undefined;
      const { digests } = await verifyFiles(join(folder, name));
      const consent = consentToAll({ network: ['api.sample.example'] });
      return { ...record, digests, consent, settings: {} };
    },
    log: (plugin, { message }) => void logs.push(`${plugin}: ${message}`),
    notify: () => undefined,
    emit: () => undefined,
    onState: (plugin, { type }) => void states.push(`${plugin} ${type}`),
    settleMs: 20,
  });
  return { host, folder, states, logs };
}

async function installSample(folder: string, name: string, providerId: string): Promise<void> {
  const manifest = sampleManifest({
    name,
    network: ['api.sample.example'],
    provider: { ...(sampleManifest()['provider'] as object), id: providerId, supported_models: [`${providerId}-*`] },
  });
  await using built = await buildPlugin(new URL('./testing/plugins/sample-plugin.ts', import.meta.url), manifest);
  await cp(built.folder, join(folder, name), { recursive: true });
}

test('it starts what is enabled and installed, lists the rest, and a faulty one disturbs nobody', async () => {
  const records = { 'one-provider': { enabled: true }, 'off-provider': { enabled: false } };
  const { host, logs, states } = await start(records, async (folder) => {
    await installSample(folder, 'one-provider', 'sample');
    await installSample(folder, 'off-provider', 'off');
    await installSample(folder, 'stranger-provider', 'stranger');
    await mkdir(join(folder, 'broken-provider'));
    await writeFile(join(folder, 'broken-provider', 'plugin.json'), '{');
  });
  await using _ = host;
  expect(states).toEqual(['one-provider starting', 'one-provider running']);
  expect(host.get('sample')?.manifest.name).toBe('one-provider');
  expect(host.get('off-provider')).toBeUndefined();
  expect(host.registry.list().map(({ manifest, enabled }) => `${manifest.name} ${enabled}`)).toEqual([
    'off-provider false',
    'one-provider true',
    'stranger-provider false',
  ]);
  expect(host.faulty().map(({ name }) => name)).toEqual(['broken-provider']);
  expect(
    logs.some((line) => line.startsWith('broken-provider: The plugin cannot be used: plugin.json is no JSON')),
  ).toBe(true);
  expect(host.registry.findByModel('sample-1')).toHaveLength(1);
  expect((await host.get('sample')?.port.prepare(sampleAttempt()))?.type).toBe('call');
});

test('what comes is started, what goes is stopped, and a person can stop and start it', async () => {
  const records: Records = { 'one-provider': { enabled: true } };
  const { host, folder, states } = await start(records, async () => undefined);
  await using _ = host;
  expect(host.registry.list()).toEqual([]);
  await installSample(folder, 'one-provider', 'sample');
  await host.rescan();
  expect(host.get('one-provider')?.supervisor.state.type).toBe('running');
  expect(await host.setEnabled('one-provider', false)).toBe(true);
  expect(host.get('one-provider')).toBeUndefined();
  expect(states.at(-1)).toBe('one-provider stopped');
  expect(await host.setEnabled('one-provider', true)).toBe(true);
  expect(host.get('one-provider')?.supervisor.state.type).toBe('running');
  expect(await host.setEnabled('nobody', true)).toBe(false);
  await rm(join(folder, 'one-provider'), { recursive: true });
  await expect.poll(() => host.registry.list().length, { timeout: 10_000 }).toBe(0);
  await host.rescan();
  expect(host.get('one-provider')).toBeUndefined();
});

test('enabled in the records but installed by nobody the records know: not started, and says so', async () => {
  const { host, states } = await start({}, (folder) => installSample(folder, 'one-provider', 'sample'));
  await using _ = host;
  await host.setEnabled('one-provider', true);
  expect(states).toEqual(['one-provider starting', 'one-provider failed']);
  const state = host.get('one-provider')?.supervisor.state;
  expect(state?.type === 'failed' && state.error.message).toContain('Nobody installed the plugin one-provider');
});
