import { RPC_CODES } from '@proxycast/spec/plugin';
import { describe, expect, test } from 'vitest';
import { encodeFrame } from './encode-frame.ts';
import { RpcError, rpcRefused } from './rpc-error.ts';
import { createRpcPeer, type IncomingCall } from './rpc-peer.ts';
import { connectPeers, TEST_LIMITS } from './testing/connect-peers.ts';

const SOON = { deadlineMs: 5000 };
const frame = (header: unknown, attachment?: Uint8Array): Uint8Array => Buffer.concat(encodeFrame(header, attachment));

async function failure(promise: Promise<unknown>): Promise<RpcError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RpcError) return error;
  throw new Error('It did not fail with an RpcError.');
}

test('calls go both ways at once and are answered in any order', async () => {
  const gates = new Map<string, () => void>();
  const { a, b } = connectPeers(
    { onCall: ({ params }) => ({ result: { from: 'a', got: params['n'] } }) },
    {
      onCall: async ({ params, attachment }) => {
        await new Promise<void>((resolve) => void gates.set(String(params['n']), resolve));
        return { result: { n: params['n'] }, attachment: attachment.map((byte) => byte + 1) };
      },
    },
  );
  const answers: unknown[] = [];
  const calls = [1, 2, 3].map((n) =>
    a.call('work', { n }, { ...SOON, attachment: Uint8Array.of(n) }).then(({ result, attachment }) => {
      answers.push([result['n'], [...attachment]]);
    }),
  );
  expect((await b.call('back', { n: 9 }, SOON)).result).toEqual({ from: 'a', got: 9 });
  for (const n of ['3', '1', '2']) {
    gates.get(n)?.();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  await Promise.all(calls);
  expect(answers).toEqual([
    [3, [4]],
    [1, [2]],
    [2, [3]],
  ]);
});

describe('failures', () => {
  test.each([
    {
      name: 'what a handler refuses',
      thrown: rpcRefused('No such host was granted.', { field: 'url' }),
      seen: { rpcCode: RPC_CODES.refused, message: 'No such host was granted.', code: 'not_granted' },
    },
    {
      name: 'what it did not expect, without its words',
      thrown: new Error('password=hunter2'),
      seen: { rpcCode: RPC_CODES.internalError, message: 'It failed.', code: 'internal' },
    },
  ])('$name', async ({ thrown, seen }) => {
    const { a } = connectPeers(
      {},
      {
        onCall: () => {
          throw thrown;
        },
      },
    );
    const { rpcCode, message, data } = await failure(a.call('x', {}, SOON));
    expect({ rpcCode, message, code: data.code }).toEqual(seen);
  });

  test('a deadline gives the call up, tells the other side, and lets its late answer pass', async () => {
    let release = (): void => undefined;
    let seen: IncomingCall | undefined;
    const { a, b, breaches } = connectPeers(
      {},
      {
        onCall: async (call) => {
          if (call.method === 'ping') return { result: {} };
          seen = call;
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          return { result: {} };
        },
      },
    );
    expect((await failure(a.call('slow', {}, { deadlineMs: 5 }))).rpcCode).toBe(RPC_CODES.deadlineExceeded);
    await a.call('ping', {}, SOON);
    expect(seen?.signal.aborted).toBe(true);
    release();
    await a.call('ping', {}, SOON);
    expect(breaches).toEqual({ a: [], b: [] });
    expect([a.pendingCalls, b.pendingCalls]).toEqual([0, 0]);
  });

  test('an abort before and after sending', async () => {
    let started = (): void => undefined;
    const hasStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const { a } = connectPeers(
      {},
      {
        onCall: () => {
          started();
          return new Promise(() => undefined);
        },
      },
    );
    const controller = new AbortController();
    const running = a.call('slow', {}, { ...SOON, signal: controller.signal });
    await hasStarted;
    controller.abort();
    expect((await failure(running)).rpcCode).toBe(RPC_CODES.cancelled);
    expect((await failure(a.call('x', {}, { ...SOON, signal: controller.signal }))).rpcCode).toBe(RPC_CODES.cancelled);
  });

  test('closing fails what runs, on both sides, and everything after', async () => {
    let signal: AbortSignal | undefined;
    const { a, b } = connectPeers(
      {},
      {
        onCall: (call) => {
          signal = call.signal;
          return new Promise(() => undefined);
        },
      },
    );
    const running = a.call('slow', {}, SOON);
    await new Promise((resolve) => setImmediate(resolve));
    const gone = new RpcError(RPC_CODES.unavailable, 'gone');
    a.close(gone);
    b.close(gone);
    expect(await failure(running)).toBe(gone);
    expect(await failure(a.call('x', {}, SOON))).toBe(gone);
    expect(signal?.aborted).toBe(true);
  });

  test('more calls at once than are allowed are refused, and the others go on', async () => {
    const releases: (() => void)[] = [];
    const { a } = connectPeers(
      {},
      { onCall: () => new Promise((resolve) => void releases.push(() => resolve({ result: {} }))) },
    );
    const calls = Array.from({ length: 9 }, () =>
      a.call('x', {}, SOON).then(
        () => 'answered',
        (error: RpcError) => error.data.code,
      ),
    );
    expect(await calls[8]).toBe('too_many_calls');
    for (const release of releases) release();
    expect((await Promise.all(calls)).filter((one) => one === 'answered')).toHaveLength(8);
  });

  test('more bytes at once than are allowed are refused', async () => {
    const { a } = connectPeers({}, { onCall: () => new Promise(() => undefined) });
    const large = { ...SOON, attachment: new Uint8Array(600_000) };
    const first = a.call('x', {}, { ...large, deadlineMs: 50 });
    expect((await failure(a.call('x', {}, large))).data.code).toBe('too_many_calls');
    await failure(first);
  });

  test('a side that does not read is not fed for ever', async () => {
    const peer = createRpcPeer({
      write: () => false,
      queuedBytes: () => TEST_LIMITS.maxQueuedBytes + 1,
      setTimer: () => () => undefined,
      onCall: () => ({ result: {} }),
      onNotification: () => undefined,
      onBreach: () => undefined,
      limits: TEST_LIMITS,
    });
    expect((await failure(peer.call('x', {}, SOON))).rpcCode).toBe(RPC_CODES.overLimit);
  });
});

describe('a breach closes the connection', () => {
  test.each([
    { name: 'a list of messages', bytes: frame([{ jsonrpc: '2.0', id: 1, method: 'x' }]) },
    { name: 'another version', bytes: frame({ id: 1, method: 'x' }) },
    { name: 'an answer never asked for', bytes: frame({ jsonrpc: '2.0', id: 77, result: {} }) },
    { name: 'an answer of neither kind', bytes: frame({ jsonrpc: '2.0', id: 1 }) },
    { name: 'a chunk never asked for', bytes: frame({ jsonrpc: '2.0', method: '$/chunk', params: { id: 5 } }) },
    { name: 'an end never asked for', bytes: frame({ jsonrpc: '2.0', method: '$/end', params: { id: 5 } }) },
    { name: 'credit of nothing', bytes: frame({ jsonrpc: '2.0', method: '$/credit', params: { id: 1, bytes: -1 } }) },
    { name: 'a call with an odd id', bytes: frame({ jsonrpc: '2.0', id: 'x', method: 'x' }) },
    {
      name: 'a call id used twice',
      bytes: Buffer.concat([0, 0].map(() => frame({ jsonrpc: '2.0', id: 3, method: 'x' }))),
    },
    { name: 'params that are a list', bytes: frame({ jsonrpc: '2.0', id: 1, method: 'x', params: [] }) },
  ])('$name', async ({ bytes }) => {
    const { a, inject, breaches } = connectPeers({}, { onCall: () => new Promise(() => undefined) });
    const running = a.call('slow', {}, SOON);
    inject('a', bytes);
    expect(breaches.a).toHaveLength(1);
    expect((await failure(running)).message).toContain('breach');
  });

  test('a second answer', async () => {
    const { a, inject, breaches } = connectPeers();
    await a.call('x', {}, SOON);
    inject('a', frame({ jsonrpc: '2.0', id: 1, result: {} }));
    expect(breaches.a).toEqual(['a second answer']);
  });

  test('but not a notification that nobody knows, nor one for a call that has ended', () => {
    const { inject, breaches } = connectPeers();
    inject('a', frame({ jsonrpc: '2.0', method: 'news', params: {} }));
    inject('a', frame({ jsonrpc: '2.0', method: '$/cancel', params: { id: 3 } }));
    expect(breaches.a).toEqual([]);
  });
});

describe('a body under credit', () => {
  const KB = 1024;
  async function* chunks(count: number, log: string[]): AsyncGenerator<Uint8Array> {
    try {
      for (let n = 0; n < count; n++) {
        log.push(`made ${n}`);
        yield new Uint8Array(10 * KB).fill(n);
      }
    } finally {
      log.push('closed');
    }
  }
  const serve = (count: number, log: string[]) => ({
    onCall: ({ params }: IncomingCall) => ({
      result: { status: 200 },
      body: { source: chunks(count, log), creditBytes: Number(params['credit_bytes']) },
    }),
  });
  const ask = { ...SOON, creditBytes: 25 * KB };
  const params = { credit_bytes: 25 * KB };

  test('comes whole and in order', async () => {
    const { a } = connectPeers({}, serve(20, []));
    const { result, body } = await a.call('http', params, ask);
    const bytes = await body?.readAll(1 << 20);
    expect(result).toEqual({ status: 200 });
    expect(bytes?.length).toBe(200 * KB);
    expect([bytes?.[0], bytes?.[100 * KB], bytes?.[200 * KB - 1]]).toEqual([0, 10, 19]);
  });

  test('waits for a reader that does not read', async () => {
    const log: string[] = [];
    const { a } = connectPeers({}, serve(1000, log));
    const { body } = await a.call('http', params, ask);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['made 0', 'made 1', 'made 2']);
    body?.cancel();
  });

  test('ends where the reader leaves, at the source too', async () => {
    const log: string[] = [];
    const { a, breaches } = connectPeers({}, serve(1000, log));
    const { body } = await a.call('http', params, ask);
    if (body === undefined) throw new Error('There is no body.');
    for await (const chunk of body) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    while (!log.includes('closed')) await new Promise((resolve) => setImmediate(resolve));
    expect(log.length).toBeLessThan(10);
    expect(breaches).toEqual({ a: [], b: [] });
  });

  test('tells that it was cut', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(KB);
      throw new RpcError(RPC_CODES.unavailable, 'The upstream left.', { code: 'upstream_left' });
    }
    const { a } = connectPeers(
      {},
      { onCall: () => ({ result: {}, body: { source: broken(), creditBytes: 25 * KB } }) },
    );
    const { body } = await a.call('http', params, ask);
    const error = await failure(body?.readAll(1 << 20) ?? Promise.resolve());
    expect(error.message).toBe('The upstream left.');
    expect(error.data.code).toBe('upstream_left');
  });

  test('a chunk without credit is a breach', async () => {
    const { a, inject, breaches } = connectPeers({}, { onCall: () => ({ result: {} }) });
    await a.call('http', params, ask);
    inject('a', frame({ jsonrpc: '2.0', method: '$/chunk', params: { id: 1 } }, new Uint8Array(26 * KB)));
    expect(breaches.a).toEqual(['a chunk without credit']);
  });

  test('larger than is wanted it is given up', async () => {
    const { a } = connectPeers({}, serve(1000, []));
    const { body } = await a.call('http', params, ask);
    expect((await failure(body?.readAll(50 * KB) ?? Promise.resolve())).rpcCode).toBe(RPC_CODES.overLimit);
  });
});
