import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createTokenCounter, type TokenCounter } from './token-counter.ts';

// Each starts a thread or two, which takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 40_000 });

const counters: TokenCounter[] = [];
afterEach(() => Promise.all(counters.splice(0).map((counter) => counter.close())));

/** A counter, and how many threads it has started. */
function createCounted(idleMs?: number): { readonly counter: TokenCounter; started(): number } {
  let started = 0;
  const counter = createTokenCounter({
    workerUrl: new URL('./testing/lines-worker.ts', import.meta.url),
    workerData: () => {
      started++;
      return undefined;
    },
    ...(idleMs === undefined ? {} : { idleMs }),
  });
  counters.push(counter);
  return { counter, started: () => started };
}

const estimate = (counter: TokenCounter, lines: unknown, client = 'lines'): Promise<number> => {
  const bytes = Buffer.from(JSON.stringify({ lines }));
  return counter.estimate({
    body: [bytes.subarray(0, 5), bytes.subarray(5)],
    client,
    decoding: { isStream: false, isTokenCount: true },
    model: 'gpt-4o',
  });
};

test('the thread is started by the first request, and stays for the next', async () => {
  const { counter, started } = createCounted();
  expect(started()).toBe(0);
  // Three of the request, four of each turn, two of the text.
  expect(await estimate(counter, ['hello world'])).toBe(9);
  expect(await Promise.all([estimate(counter, []), estimate(counter, ['hello world', 'hello world'])])).toEqual([
    3, 15,
  ]);
  expect(started()).toBe(1);
});

test('the thread ends when nothing is asked for a while', async () => {
  const { counter, started } = createCounted(20);
  await estimate(counter, ['a']);
  await expect
    .poll(
      async () => {
        await estimate(counter, ['a']);
        return started();
      },
      { interval: 200, timeout: 30_000 },
    )
    .toBeGreaterThan(1);
});

test.each([
  ['a body the dialect does not know', 5, { code: 'invalid_request', fault: 'client', field: 'lines' }],
  ['a codec that fails', 'throw', { code: 'token_estimate_failed', fault: 'gateway', isPublic: false }],
  ['a thread that dies', 'leave', { code: 'token_estimate_failed', fault: 'gateway', isPublic: false }],
])('%s rejects, and the next request is answered', async (_, lines, error) => {
  const { counter } = createCounted();
  await expect(estimate(counter, lines)).rejects.toMatchObject(error);
  expect(await estimate(counter, ['hello world'])).toBe(9);
});

test('a dialect without a codec, and JSON that is none', async () => {
  const { counter } = createCounted();
  await expect(estimate(counter, [], 'unknown')).rejects.toMatchObject({ code: 'token_estimate_failed' });
  const broken = { body: [Buffer.from('{"lines":')], client: 'lines', decoding: { isStream: false }, model: '' };
  await expect(counter.estimate(broken)).rejects.toMatchObject({ code: 'invalid_json', fault: 'client' });
});

test('after a change of the protocols a new thread answers, and the old one what it was asked', async () => {
  const { counter, started } = createCounted();
  const before = estimate(counter, ['hello world']);
  counter.renew();
  expect(await Promise.all([before, estimate(counter, ['hello world'])])).toEqual([9, 9]);
  expect(started()).toBe(2);
});

test('too many at once are told to come again', async () => {
  const { counter } = createCounted();
  const all = await Promise.allSettled(Array.from({ length: 300 }, () => estimate(counter, ['hello world'])));
  const refused = all.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(44);
  expect(refused[0]?.reason).toMatchObject({ code: 'token_estimates_busy', kind: 'overloaded', retryAfterMs: 1_000 });
  expect(await estimate(counter, ['hello world'])).toBe(9);
});

describe('who only serves streams', () => {
  test('is not held up by two megabytes of odd text', async () => {
    const { counter } = createCounted();
    await estimate(counter, ['a']);
    const text = '漢字 e\u0301 '.repeat(400_000);
    const bytes = [Buffer.from(JSON.stringify({ lines: [text] }))];
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const startedMs = performance.now();
    await counter.estimate({ body: bytes, client: 'lines', decoding: { isStream: false }, model: 'claude-sonnet-4-5' });
    const tookMs = performance.now() - startedMs;
    delays.disable();
    // The copy into the thread's memory is all there is; the bound leaves room for a machine with other work.
    expect(delays.max / 1e6).toBeLessThan(Math.max(50, tookMs / 3));
  });

  test('imports no tokenizer, nor anything that does', () => {
    const seen = new Set<string>();
    const names: string[] = [];
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      for (const [, name = ''] of readFileSync(url, 'utf8').matchAll(/(?:from|import) ?\(?['"]([^'"]+)['"]/g)) {
        if (name.startsWith('.')) visit(new URL(name, url));
        else names.push(name);
      }
    };
    visit(new URL('./index.ts', import.meta.url));
    expect(new Set(names)).toEqual(new Set(['node:worker_threads', '@proxycast/spec']));
  });
});
