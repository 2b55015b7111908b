import { RpcError } from '@proxycast/plugin-rpc';
import { type PluginEvent, RPC_CODES } from '@proxycast/spec/plugin';
import { describe, expect, test } from 'vitest';
import { defineHook, defineProvider } from '../define-provider.ts';
import { everySplit } from '../testkit/every-split.ts';
import { createFakeHost } from '../testkit/fake-host.ts';
import { startPlugin } from '../testkit/start-plugin.ts';

const CREDENTIAL = { id: 'c1', auth_type: 'key', data: { key: 'k' } };
const PREPARE = {
  stream_id: 's1',
  request_id: 'r1',
  operation: 'chat',
  protocol: 'openai',
  model: 'm',
  is_stream: true,
  credential: CREDENTIAL,
  session_id: 'x',
  attempt: 1,
} as const;

const closed: string[] = [];
const provider = defineProvider({
  id: 'sample',
  credential: {
    parse: ({ auth_type, form, file }) => ({
      type: 'parsed',
      credential: { auth_type, data: { ...form, file: file === undefined ? '' : Buffer.from(file.bytes).toString() } },
    }),
  },
  request: {
    transform: 'rpc',
    async prepare({ body, model }, { host, signal }) {
      if (model === 'slow')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('left'))));
      if (model === 'throws') throw new Error('out of order');
      await host.kv.set('last', model);
      return {
        type: 'call',
        method: 'POST',
        url: 'https://api.example.com/x',
        headers: [],
        read: { dialect: 'plugin', framing: 'sse' },
        body: Buffer.from(Buffer.from(body).toString().toUpperCase()),
      };
    },
  },
  response: {
    open: ({ model }) => {
      let count = 0;
      return {
        push: (frames) =>
          frames.map(
            (frame): PluginEvent => ({
              type: 'text-delta',
              block: 0,
              text: `${count++}${frame.event ?? ''}${frame.text()}`,
            }),
          ),
        end: () => [{ type: 'message-end', reason: 'end', upstreamReason: model }],
      };
    },
    closed: (streamId) => void closed.push(streamId),
  },
});

test('it says what it can do, and has nothing else', async () => {
  const plugin = await startPlugin(provider);
  expect(plugin.capabilities.provider_id).toBe('sample');
  expect(plugin.capabilities.request).toEqual({ transform: 'rpc', sign_each: false });
  expect([...plugin.capabilities.methods].sort()).toEqual([
    'config.update',
    'credential.parse',
    'initialize',
    'ping',
    'request.prepare',
    'response.decode',
    'shutdown',
  ]);
  await expect(plugin.call('credential.scan', {})).rejects.toMatchObject({ rpcCode: RPC_CODES.methodNotFound });
  await plugin.stop();
});

test('files and bodies travel as attachments', async () => {
  const plugin = await startPlugin(provider);
  const parsed = await plugin.call(
    'credential.parse',
    { auth_type: 'key', form: { a: 1 }, file: { name: 'token.json' } },
    { attachment: Buffer.from('content') },
  );
  expect(parsed).toMatchObject({ credential: { data: { a: 1, file: 'content' } } });
  const prepared = await plugin.call('request.prepare', PREPARE, { attachment: Buffer.from('body') });
  expect(prepared).toMatchObject({ type: 'call', has_body: true });
  expect(Buffer.from(prepared.attachment).toString()).toBe('BODY');
  expect(plugin.host.kv.get('last')).toBe('m');
  await plugin.stop();
});

describe('a failing capability', () => {
  test('says so to the host, and the process goes on', async () => {
    const plugin = await startPlugin(provider);
    await expect(plugin.call('request.prepare', { ...PREPARE, model: 'throws' })).rejects.toThrow(
      'Error: out of order',
    );
    await expect(plugin.call('request.prepare', PREPARE)).resolves.toMatchObject({ type: 'call' });
    await plugin.stop();
  });

  test('is told when nobody waits any more', async () => {
    const plugin = await startPlugin(provider);
    const answer = plugin.call('request.prepare', { ...PREPARE, model: 'slow' }, { deadlineMs: 10 });
    await expect(answer).rejects.toMatchObject({ rpcCode: RPC_CODES.deadlineExceeded });
    await plugin.stop();
  });

  test('another version of the contract is refused with both numbers', async () => {
    const plugin = await startPlugin(provider);
    const init = { contract_version: 99, host_version: '9', locale: 'en', settings: {}, platform: 'x' };
    await expect(plugin.call('initialize', init)).rejects.toThrow('speaks version 1 of the contract, the host 99');
    await plugin.stop();
  });
});

describe('an answer', () => {
  const frames = ['a', 'b', 'ü'].map((data) => ({ event: 'e', data }));
  const events: readonly PluginEvent[] = [
    ...['0ea', '1eb', '2eü'].map((text): PluginEvent => ({ type: 'text-delta', block: 0, text })),
    { type: 'message-end', reason: 'end', upstreamReason: 'model' },
  ];

  test.each(everySplit(frames).map((batches, split) => ({ split, batches })))('split $split', async ({ batches }) => {
    const plugin = await startPlugin(provider);
    closed.length = 0;
    expect(await plugin.decode({ batches })).toEqual(events);
    expect(closed).toEqual(['stream-1']);
    await plugin.stop();
  });

  test('that is given up is forgotten', async () => {
    const plugin = await startPlugin(provider);
    closed.length = 0;
    const decode = { stream_id: 's9', frames: [], final: false };
    await plugin.call('response.decode', {
      ...decode,
      head: { status: 200, headers: [], model: 'm', is_stream: true },
    });
    plugin.notify('response.abort', { stream_id: 's9' });
    await expect(plugin.call('response.decode', decode)).rejects.toMatchObject({ data: { code: 'no_such_stream' } });
    expect(closed).toEqual(['s9']);
    await plugin.stop();
  });
});

test('a hook changes events on their way', async () => {
  const hook = defineHook({
    events: ({ events }) => events.filter(({ type }) => type !== 'ping'),
    request: ({ body }) => ({ type: 'changed', body: Buffer.concat([body, Buffer.from('!')]) }),
  });
  const plugin = await startPlugin(hook);
  const target = { request_id: 'r', client_key_id: 'k', operation: 'chat', protocol: 'openai', model: 'm' };
  const { attachment } = await plugin.call(
    'hook.events',
    { ...target, stream_id: 's', final: true },
    { attachment: Buffer.from('[{"type":"ping"},{"type":"block-end","block":0}]') },
  );
  expect(Buffer.from(attachment).toString()).toBe('[{"type":"block-end","block":0}]');
  const changed = await plugin.call('hook.request', target, { attachment: Buffer.from('body') });
  expect([changed.type, Buffer.from(changed.attachment).toString()]).toEqual(['changed', 'body!']);
  await plugin.stop();
});

test('the host is asked through its client', async () => {
  const host = createFakeHost({
    upstreams: {
      'https://api.example.com': () => ({ headers: { 'x-a': '1' }, chunks: [Buffer.from('{"a"'), Buffer.from(':1}')] }),
    },
    files: { '~/.tool/token.json': '{"t":1}' },
    keychain: { 'tool/me': 'secret' },
    query: (sql) => ({ columns: ['sql'], rows: [[sql]] }),
  });
  const seen: unknown[] = [];
  const plugin = await startPlugin(
    {
      async started({ host: client }) {
        const answer = await client.http.request({ url: 'https://api.example.com/x' });
        seen.push(answer.status, answer.header('X-A'), await answer.json());
        const refused = await client.http
          .request({ url: 'https://evil.example.com/' })
          .catch((error: unknown) => error);
        seen.push(refused instanceof RpcError ? refused.data.code : refused);
        seen.push(Buffer.from((await client.files.read('~/.tool/token.json')).bytes).toString());
        seen.push(await client.keychain.read({ service: 'tool', account: 'me' }));
        seen.push(await client.keychain.read({ service: 'other' }));
        seen.push((await client.database.query('select 1')).rows);
        const sealed = await client.crypto.encrypt(Buffer.from('plain'), 'here');
        seen.push(Buffer.from(await client.crypto.decrypt(sealed, 'here')).toString());
        client.log.warn('low');
        await client.notify({ level: 'info', title: 'Hi' });
        await client.events.emit('changed', { a: 1 });
      },
    },
    { host },
  );
  expect(seen).toEqual([200, '1', { a: 1 }, 'not_granted', '{"t":1}', 'secret', undefined, [['select 1']], 'plain']);
  expect(host.logs).toEqual([{ level: 'warn', message: 'low' }]);
  expect(host.notices).toHaveLength(1);
  expect(host.events).toEqual([{ name: 'changed', payload: { a: 1 } }]);
  await plugin.stop();
});
