import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StreamEvent } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { copyPlugin } from './testing/build-plugin.ts';
import { createPluginBed, NO_OUTER, outerHere, sampleAttempt } from './testing/plugin-bed.ts';

const PYTHON = fileURLToPath(new URL('../../../examples/plugins/python', import.meta.url));
const credential = { id: 'c1', auth_type: 'token', data: { token: 'token-of-python' } };

async function start() {
  const copy = await copyPlugin(PYTHON, 'python-example');
  await chmod(join(copy.folder, 'bin/backend.py'), 0o755);
  const outer = await outerHere();
  const bed = await createPluginBed({
    folder: copy.folder,
    outer,
    // Without an outer boundary an executable is started for a person who trusts it, and so it is here.
    isTrustedBinary: true,
    send: async ({ headers }) => ({
      status: headers.some(([, value]) => value === 'Bearer token-of-python') ? 200 : 401,
      headers: [],
      body: (async function* () {
        for (let chunk = 0; chunk < 40; chunk++) yield Buffer.alloc(64 * 1024);
      })(),
    }),
  });
  const state = await bed.unit.supervisor.start();
  if (state.type !== 'running') throw new Error(`It is ${JSON.stringify(state)}; ${JSON.stringify(bed.logs)}`);
  return Object.assign(bed, {
    async [Symbol.asyncDispose]() {
      await bed.unit[Symbol.asyncDispose]();
      await copy[Symbol.asyncDispose]();
    },
  });
}

test('a plugin in Python logs in, asks the service through the host, and gives a lease', async () => {
  await using bed = await start();
  const { supervisor, port } = bed.unit;
  const parsed = await supervisor.call('credential.parse', { auth_type: 'token', form: { token: 'token-of-python' } });
  expect(parsed.result).toMatchObject({ type: 'parsed', credential: { data: { token: 'token-of-python' } } });
  expect((await supervisor.call('credential.validate', { credential })).result).toEqual({ type: 'valid' });
  await port.prepare(sampleAttempt({ model: 'python-1', credential }));
  expect(port.leased(sampleAttempt({ model: 'python-1', credential }))?.call).toMatchObject({
    origin: 'https://api.sample.example',
    headers: ['authorization', 'Bearer token-of-python'],
  });
  await expect(supervisor.call('credential.scan', {})).rejects.toMatchObject({ pluginCode: 'no_such_method' });
});

test('it prepares a body and reads an answer in the service’s own dialect', async () => {
  await using bed = await start();
  const { port } = bed.unit;
  const attempt = sampleAttempt({ model: 'python-lines', credential });
  const body = Buffer.from(
    JSON.stringify({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Grüße' }] }] }),
  );
  const prepared = await port.prepare(attempt, () => body);
  if (prepared.type !== 'call') throw new Error('It was refused.');
  expect(JSON.parse(Buffer.from(prepared.body ?? []).toString())).toMatchObject({
    turns: [{ who: 'person', says: 'Grüße' }],
  });
  const events: StreamEvent[] = [];
  const ended = Promise.withResolvers<unknown>();
  const decoder = port.read(attempt, {
    reading: prepared.call.read,
    status: 200,
    headers: [],
    origin: 'openai:python-sample',
    onEvents: (more) => void events.push(...more),
    onEnd: (error) => ended.resolve(error),
  });
  for (const line of ['{"say":"Grü', 'ße"}\n{"say":"!"}\n', '{"done":{"in":1,"out":2}}\n'])
    decoder.push(Buffer.from(line));
  decoder.end();
  expect(await ended.promise).toBeUndefined();
  expect(events.map((event) => ('text' in event ? event.text : event.type))).toEqual([
    'message-start',
    'text-start',
    'Grüße',
    '!',
    'block-end',
    'usage',
    'message-end',
  ]);
});

test('an executable is not started without an outer boundary, unless a person trusts it', async () => {
  await using copy = await copyPlugin(PYTHON, 'python-example');
  await using bed = await createPluginBed({ folder: copy.folder, outer: NO_OUTER });
  const state = await bed.unit.supervisor.start();
  expect(state).toMatchObject({ type: 'failed', error: { code: 'plugin_not_trusted' } });
});
