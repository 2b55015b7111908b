import {
  type AttemptContext,
  type Credential,
  parseCredentialId,
  parseProtocolId,
  parseRequestId,
  Secret,
  type UpstreamCallInput,
} from '@proxycast/spec';
import { afterAll, expect, test } from 'vitest';
import { buildPlugin } from '../testing/build-plugin.ts';
import { createPluginBed } from '../testing/plugin-bed.ts';
import { sampleManifest } from '../testing/sample-manifest.ts';
import { createKnownCredentials, createPluginProvider, renderPluginSecret } from './create-plugin-provider.ts';

const plugin = await buildPlugin(
  new URL('../testing/plugins/sample-plugin.ts', import.meta.url),
  sampleManifest({ network: ['api.sample.example'] }),
);
afterAll(() => plugin[Symbol.asyncDispose]());

const credentialWith = (token: string): Credential => ({
  id: parseCredentialId('c1'),
  label: 'Ann',
  secret: new Secret(renderPluginSecret({ auth_type: 'oauth', data: { access_token: token } })),
});

function inputFor(credential: Credential, model = 'm'): UpstreamCallInput {
  return { operation: 'chat', protocol: parseProtocolId('openai'), model, isStream: true, query: '', credential };
}

function contextWith(asked: string[] = []): AttemptContext {
  return {
    requestId: parseRequestId('r1'),
    attemptNumber: 1,
    sessionId: () => {
      asked.push('session');
      return 's1';
    },
    clientHeaders: () => [],
    body: () => {
      asked.push('body');
      return Buffer.from('{"a":1}');
    },
  };
}

async function start() {
  const bed = await createPluginBed({ folder: plugin.folder });
  await bed.unit.supervisor.start();
  const known = createKnownCredentials();
  const providerWith = (credential: Credential) =>
    createPluginProvider(
      {
        manifest: bed.unit.manifest,
        port: bed.unit.port,
        credentials: [credential],
        learnSecret: bed.unit.learnSecret,
      },
      known,
    );
  const prepareWith = (credential: Credential, model?: string, asked?: string[]) => {
    const { transport } = providerWith(credential);
    if (transport.type !== 'plugin') throw new Error('It is no plugin.');
    return transport.prepare(inputFor(credential, model), contextWith(asked));
  };
  return Object.assign(bed, { providerWith, prepareWith });
}

test('it serves what its manifest says, in the dialects it says', async () => {
  await using bed = await start();
  const provider = bed.providerWith(credentialWith('token-number-one'));
  expect(provider.id).toBe('sample');
  expect(provider.models).toEqual([]);
  expect(provider.serves?.('anything')).toBe(true);
  expect(provider.protocolsFor('chat', 'm')).toEqual(['openai']);
  expect(provider.protocolsFor('embeddings', 'm')).toEqual([]);
});

test('the first request asks, the next ones do not, also over another configuration; a changed credential asks again', async () => {
  await using bed = await start();
  expect(await bed.prepareWith(credentialWith('token-number-one'))).toMatchObject({
    origin: 'https://api.sample.example',
    method: 'POST',
    reading: { type: 'dialect', protocol: 'openai' },
    patch: { remove: ['user'] },
  });
  const next = bed.prepareWith(credentialWith('token-number-one'));
  expect(next).not.toBeInstanceOf(Promise);
  expect(bed.unit.port.calls).toBe(1);
  const changed = bed.prepareWith(credentialWith('token-number-two'));
  expect(changed).toBeInstanceOf(Promise);
  expect(await changed).toMatchObject({ headers: expect.arrayContaining(['Bearer token-number-two']) });
});

test('bodies travel where the plugin asks for them, and are looked at nowhere else', async () => {
  await using bed = await start();
  const asked: string[] = [];
  const call = await bed.prepareWith(credentialWith('token-number-one'), 'own-1', asked);
  if ('refused' in call) throw new Error('It was refused.');
  expect(Buffer.from(call.body ?? []).toString()).toBe('{"wrapped":{"a":1}}');
  expect(call.reading.type).toBe('foreign');
  expect(call.changed).toEqual(['temperature']);
  expect(asked).toContain('body');
  asked.length = 0;
  await bed.prepareWith(credentialWith('token-number-one'), 'm', asked);
  expect(asked).not.toContain('body');
});

test('an answer of its own dialect is read through it, and failures are explained', async () => {
  await using bed = await start();
  const credential = credentialWith('token-number-one');
  const call = await bed.prepareWith(credential, 'own-1');
  if ('refused' in call || call.reading.type !== 'foreign') throw new Error('It is read otherwise.');
  const types: string[] = [];
  const ended = Promise.withResolvers<unknown>();
  const reader = call.reading.open({
    status: 200,
    headers: { 'set-cookie': ['a', 'b'], 'x-odd': undefined },
    origin: 'openai:sample',
    onEvents: (events) => void types.push(...events.map(({ type }) => type)),
    onEnd: (error) => ended.resolve(error),
    onDrain: () => undefined,
  });
  reader.push(Buffer.from('data: x\n\n'));
  reader.end();
  expect(await ended.promise).toBeUndefined();
  expect(types).toEqual(['text-delta', 'message-end']);

  const { transport } = bed.providerWith(credential);
  if (transport.type !== 'plugin') throw new Error('It is no plugin.');
  const failure = {
    credentialId: credential.id,
    operation: 'chat' as const,
    model: 'm',
    requestId: parseRequestId('r1'),
    attemptNumber: 1,
    status: 429,
    headers: {},
    body: Buffer.from('{}'),
  };
  expect(await transport.explain?.(failure)).toMatchObject({ code: 'status_429', next: 'another_credential' });
  await bed.unit.supervisor.stop();
  expect(await transport.explain?.(failure)).toBeUndefined();
});

test('a refusal says whose fault it is and what next', async () => {
  await using bed = await start();
  expect(await bed.prepareWith(credentialWith('token-number-one'), 'refused')).toMatchObject({
    refused: { next: 'stop', error: { code: 'too_long', fault: 'client' } },
  });
});
