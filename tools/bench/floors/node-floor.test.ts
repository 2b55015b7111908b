import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJob } from '../cells/create-job.ts';
import { type Load, startLoad } from '../load/start-load.ts';
import { createRunEnvironment } from '../process/create-run-environment.ts';
import { pollUntil } from '../process/poll-until.ts';
import { createNodeFloorKind } from '../targets/node-floor.ts';
import type { Target } from '../targets/target.ts';
import { startUpstream, type Upstream } from '../upstream/start-upstream.ts';

const environment = createRunEnvironment();
let upstream: Upstream;
let load: Load;
let floor: Target;

beforeAll(async () => {
  upstream = await startUpstream(environment, 0);
  load = await startLoad(environment);
  floor = await createNodeFloorKind(environment, upstream).start();
});
afterAll(environment.dispose);

const STREAM = { type: 'stream', chunks: 20, intervalMs: 2 } as const;
const request = { bytes: 2000, messages: 2, tools: 0, isStream: true };

// Buffered below, streamed above: both ways of taking a request have to be whole.
test.each([2000, 150_000, 2_000_000])('a request of %i bytes arrives whole, and so does the stream', async (bytes) => {
  await upstream.setAnswer(STREAM);
  const work = { request: { ...request, bytes }, answer: STREAM, requests: 6, connections: 3 };
  const result = await load.run(createJob(floor, work));
  expect(result.requests).toBe(6);
  expect(await upstream.waitUntilIdle(1000)).toMatchObject({ total: 6, aborted: 0, requestBytes: 6 * bytes });
});

test('an answer of another length than the upstream wrote fails the run', async () => {
  await upstream.setAnswer({ type: 'json', bytes: 1023 });
  const answer = { type: 'json', bytes: 1024 } as const;
  const job = createJob(floor, { request, answer, requests: 1, connections: 1 });
  await expect(load.run(job)).rejects.toThrow('an answer has 1023 bytes, not 1024');
});

test('when clients leave, their upstream calls are aborted', async () => {
  const answer = { type: 'stream', chunks: 1000, intervalMs: 20 } as const;
  await upstream.setAnswer(answer);
  await load.hold(createJob(floor, { request, answer, requests: 20, connections: 20 }));
  expect(await upstream.readCalls()).toMatchObject({ open: 20, aborted: 0 });
  await load.leave();
  const ask = async () => ((await upstream.readCalls()).aborted === 20 ? true : undefined);
  await pollUntil(ask, { intervalMs: 10, timeoutMs: 3000, failure: 'calls are left open' });
});
