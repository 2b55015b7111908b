import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { StreamEvent } from '@proxycast/spec';
import { afterAll, describe, expect, test } from 'vitest';
import { buildPlugin } from './testing/build-plugin.ts';
import { createPluginBed, type PluginBedInput, sampleAttempt, sampleCredential } from './testing/plugin-bed.ts';
import { sampleManifest } from './testing/sample-manifest.ts';
import { upstreamCallOf } from './upstream/plugin-port.ts';

const plugin = await buildPlugin(
  new URL('./testing/plugins/sample-plugin.ts', import.meta.url),
  sampleManifest({ network: ['api.sample.example'], files: ['~/.tool/token.json', '~/.tool/other.json'] }),
);
afterAll(() => plugin[Symbol.asyncDispose]());

async function start(input: Partial<PluginBedInput> = {}) {
  const bed = await createPluginBed({ folder: plugin.folder, ...input });
  const state = await bed.unit.supervisor.start();
  if (state.type !== 'running') throw new Error(`It is ${JSON.stringify(state)}; ${JSON.stringify(bed.logs)}`);
  return bed;
}

describe('a lease', () => {
  test('is asked for once, however many want it, and then every request goes without a call', async () => {
    await using bed = await start();
    const { port } = bed.unit;
    const attempt = sampleAttempt();
    expect(port.leased(attempt)).toBeUndefined();
    const prepared = await Promise.all(Array.from({ length: 20 }, () => port.prepare(attempt)));
    expect(prepared.every(({ type }) => type === 'call')).toBe(true);
    expect(port.calls).toBe(1);
    for (let request = 0; request < 1000; request++) expect(port.leased(sampleAttempt())).toBeDefined();
    expect(port.calls).toBe(1);
  });

  test('comes in the words of the gateway’s own providers', async () => {
    await using bed = await start();
    const { port } = bed.unit;
    await port.prepare(sampleAttempt());
    const leased = port.leased(sampleAttempt());
    if (leased === undefined) throw new Error('There is none.');
    const { headers, ...call } = upstreamCallOf(leased.call, leased.values);
    expect(call).toEqual({
      origin: 'https://api.sample.example',
      path: '/v1/chat',
      patch: { remove: ['user'], set: { store: false } },
    });
    expect(headers.slice(0, 3)).toEqual(['authorization', 'Bearer token-of-a-login-1', 'x-session']);
    expect(headers[3]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const envelope = leased.call.patcher.envelope?.(leased.values);
    expect(Buffer.from(envelope?.before ?? []).toString()).toBe('{"project":"p","request":');
  });

  test('ends with its credential, and outlives the process', async () => {
    await using bed = await start();
    const { port, supervisor } = bed.unit;
    await port.prepare(sampleAttempt());
    expect(port.leased(sampleAttempt({ credentialVersion: 2 }))).toBeUndefined();
    await port.prepare(sampleAttempt());
    await supervisor.stop();
    expect(port.leased(sampleAttempt())).toBeDefined();
    await expect(port.prepare(sampleAttempt({ model: 'other' }))).rejects.toMatchObject({ code: 'plugin_not_running' });
    port.dropCredential(sampleCredential.id);
    expect(port.leased(sampleAttempt())).toBeUndefined();
  });

  test('to a host that was not granted is refused', async () => {
    await using bed = await start();
    await expect(bed.unit.port.prepare(sampleAttempt({ model: 'elsewhere' }))).rejects.toMatchObject({
      code: 'plugin_protocol',
      message: expect.stringContaining('evil.example.com'),
    });
  });
});

test('a body is prepared in the plugin, where its models ask for that', async () => {
  await using bed = await start();
  const { port } = bed.unit;
  expect([port.transforms('body-1'), port.transforms('sample-model')]).toEqual([true, false]);
  const prepared = await port.prepare(sampleAttempt({ model: 'body-1' }), () => Buffer.from('{"a":1}'));
  if (prepared.type !== 'call') throw new Error('It was refused.');
  expect(Buffer.from(prepared.body ?? []).toString()).toBe('{"wrapped":{"a":1}}');
  expect(prepared.changed).toEqual(['temperature']);
  expect(port.leased(sampleAttempt({ model: 'body-1' }))).toBeUndefined();
});

test('a refusal of the plugin is an error that says whose fault it is', async () => {
  await using bed = await start();
  const prepared = await bed.unit.port.prepare(sampleAttempt({ model: 'refused' }));
  expect(prepared).toMatchObject({ type: 'refused', next: 'stop', error: { code: 'too_long', fault: 'client' } });
});

test('a failure is explained by the plugin', async () => {
  await using bed = await start();
  const verdict = await bed.unit.port.explain(sampleAttempt(), { status: 429, headers: [], body: Buffer.from('{}') });
  expect(verdict).toMatchObject({ code: 'status_429', next: 'another_credential', cool_down_scope: 'all' });
});

describe('an answer in a dialect of its own', () => {
  async function read(model: string, chunks: readonly string[], { aborts = false } = {}) {
    await using bed = await start();
    const events: StreamEvent[] = [];
    const ended = Promise.withResolvers<unknown>();
    const decoder = bed.unit.port.read(sampleAttempt({ model }), {
      reading: { dialect: 'plugin', framing: 'sse' },
      status: 200,
      headers: [],
      origin: 'openai:sample',
      onEvents: (more) => void events.push(...more),
      onEnd: (error) => ended.resolve(error),
    });
    for (const chunk of chunks) decoder.push(Buffer.from(chunk));
    if (aborts) {
      decoder.abort();
      return { events, error: undefined, calls: decoder.calls };
    }
    decoder.end();
    const error = await ended.promise;
    return { events, error, calls: decoder.calls };
  }
  const frames = Array.from({ length: 300 }, (_, at) => `data: ${at}\n\n`);

  test('is cut by the host and mapped by the plugin, all that has arrived in one call', async () => {
    const { events, error, calls } = await read('own-1', frames);
    expect(error).toBeUndefined();
    expect(events).toHaveLength(301);
    expect(events[299]).toEqual({ type: 'text-delta', block: 0, text: '299' });
    expect(events[300]).toEqual({ type: 'message-end', reason: 'end' });
    expect(calls).toBe(2);
  });

  test('that comes at once begins before it is read to its end, and loses nothing', async () => {
    const { events, error, calls } = await read('own-1', [frames.join('')]);
    expect(error).toBeUndefined();
    expect(events.slice(0, 300).map((event) => 'text' in event && event.text)).toEqual(
      frames.map((_, at) => String(at)),
    );
    expect([events.length, calls]).toEqual([301, 2]);
  });

  test('is the same cut at every byte', async () => {
    const bytes = Buffer.from(frames.slice(0, 3).join(''));
    const { events } = await read(
      'own-1',
      [...bytes].map((byte) => String.fromCharCode(byte)),
    );
    expect(events.map((event) => ('text' in event ? event.text : event.type))).toEqual(['0', '1', '2', 'message-end']);
  });

  test('cannot bring a signature of another origin', async () => {
    const { events } = await read('own-forged', ['data: x\n\n']);
    expect(events.at(-1)).toMatchObject({ signature: { origin: 'openai:sample', value: 'forged' } });
  });

  test('that the plugin cannot read ends with an error, not as if it were complete', async () => {
    const { events, error } = await read('own-1', ['data: throw\n\n']);
    expect(events).toEqual([]);
    expect(error).toMatchObject({ code: 'plugin_failed', fault: 'plugin', isPublic: true });
  });

  test('that nobody wants any more calls nothing back', async () => {
    const { events } = await read('own-1', frames, { aborts: true });
    expect(events).toEqual([]);
  });
});

describe('the host, on a plugin’s behalf', () => {
  test('reads a granted file, and no link that took its place', async () => {
    await using bed = await start();
    const { supervisor } = bed.unit;
    await mkdir(join(bed.home, '.tool'));
    const path = join(bed.home, '.tool', 'token.json');
    await writeFile(path, '{"access_token":"from-file"}');
    const { result } = await supervisor.call('credential.scan', {});
    expect(result.candidates[0]).toMatchObject({ type: 'usable', credential: { data: { access_token: 'from-file' } } });
    await writeFile(join(bed.home, 'secret.json'), '{"access_token":"secret"}');
    await rename(path, `${path}.old`);
    await symlink(join(bed.home, 'secret.json'), path);
    await expect(supervisor.call('credential.scan', {})).rejects.toMatchObject({ pluginCode: 'leads_elsewhere' });
  });

  test('reads nothing without consent', async () => {
    await using bed = await start({ consent: () => ({ network: [], files: [], keychain: [] }) });
    await mkdir(join(bed.home, '.tool'));
    await writeFile(join(bed.home, '.tool', 'token.json'), '{}');
    await expect(bed.unit.supervisor.call('credential.scan', {})).rejects.toMatchObject({ pluginCode: 'not_granted' });
    await expect(bed.unit.port.prepare(sampleAttempt())).rejects.toMatchObject({ code: 'plugin_protocol' });
  });

  test('asks the service, and keeps the credential out of the log', async () => {
    await using bed = await start({
      send: async () => ({
        status: 200,
        headers: [],
        body: (async function* () {
          yield Buffer.from('7');
        })(),
      }),
    });
    const { supervisor, port } = bed.unit;
    const { result } = await supervisor.call('credential.usage', { credential: sampleCredential });
    expect(result.windows[0]?.used).toBe(7);
    expect(bed.sent[0]?.url.href).toBe('https://api.sample.example/usage');
    await port.prepare(sampleAttempt({ model: 'logs' }));
    expect(bed.logs.at(-1)?.message).toBe('using [secret]');
  });

  test('waits for the network as long as the configuration says', async () => {
    await using bed = await start({ timeoutMs: 100, send: () => new Promise(() => undefined) });
    const usage = bed.unit.supervisor.call('credential.usage', { credential: sampleCredential });
    await expect(usage).rejects.toMatchObject({ code: 'plugin_timeout' });
  });

  test('takes the credential out of its errors too', async () => {
    await using bed = await start();
    const error: unknown = await bed.unit.port
      .prepare(sampleAttempt({ model: 'fails-loudly' }))
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'plugin_failed', cause: { message: 'Error: cannot use [secret]' } });
    expect(inspect(error, { depth: 5 })).not.toContain('token-of-a-login-1');
  });

  test('tells it of files that change and of its own screens, as far as it listens', async () => {
    await using bed = await start();
    const { port } = bed.unit;
    bed.unit.deliver('from-screen', { early: true });
    await port.prepare(sampleAttempt({ model: 'listen' }));
    bed.unit.deliver('other', {});
    bed.unit.deliver('from-screen', { a: 1 });
    await mkdir(join(bed.home, '.tool'));
    // As official clients do it: written beside, then renamed.
    await writeFile(join(bed.home, '.tool', 'new'), '{}');
    await rename(join(bed.home, '.tool', 'new'), join(bed.home, '.tool', 'token.json'));
    const said = async (): Promise<string> => {
      const prepared = await port.prepare(sampleAttempt({ model: 'seen' }));
      return prepared.type === 'refused' ? prepared.error.message.split(' ').sort().join(' ') : '';
    };
    await expect.poll(said, { timeout: 10_000 }).toBe('file {"a":1}');
  });
});

describe('a folder that is not as it was installed', () => {
  test.each([
    {
      what: 'a file changed',
      change: (folder: string) => writeFile(join(folder, 'bin/backend.js'), '//'),
      shown: 'bin/backend.js (changed)',
    },
    {
      what: 'a file more',
      change: (folder: string) => writeFile(join(folder, 'more.js'), '//'),
      shown: 'more.js (unknown)',
    },
    {
      what: 'a link',
      change: (folder: string) => symlink('/etc/hostname', join(folder, 'link')),
      shown: 'link (link)',
    },
  ])('$what: not started', async ({ change, shown }) => {
    await using other = await buildPlugin(
      new URL('./testing/plugins/sample-plugin.ts', import.meta.url),
      sampleManifest(),
    );
    await using bed = await createPluginBed({ folder: other.folder });
    await change(other.folder);
    expect(await bed.unit.supervisor.start()).toMatchObject({
      type: 'failed',
      error: { code: 'plugin_changed', message: expect.stringContaining(shown) },
    });
  });
});

test('a build of another provider is not started', async () => {
  const { provider, ...rest } = sampleManifest();
  await using other = await buildPlugin(new URL('./testing/plugins/sample-plugin.ts', import.meta.url), {
    ...rest,
    provider: { ...(provider as object), id: 'another' },
  });
  await using bed = await createPluginBed({ folder: other.folder });
  expect(await bed.unit.supervisor.start()).toMatchObject({ type: 'failed', error: { code: 'plugin_contract' } });
});
