import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Load, startLoad } from '../load/start-load.ts';
import { createRunEnvironment } from '../process/create-run-environment.ts';
import { createDirectKind } from '../targets/direct.ts';
import type { Target } from '../targets/target.ts';
import { startUpstream, type Upstream } from '../upstream/start-upstream.ts';
import { createJob, type Work } from './create-job.ts';

const environment = createRunEnvironment();
let upstream: Upstream;
let load: Load;
let direct: Target;

beforeAll(async () => {
  upstream = await startUpstream(environment, 0);
  load = await startLoad(environment);
  direct = await createDirectKind(upstream).start();
});
afterAll(environment.dispose);

const WORKS: readonly Work[] = [
  {
    request: { dialect: 'anthropic', bytes: 1024, messages: 3, tools: 0, isStream: false },
    answer: { type: 'json', bytes: 1024 },
    requests: 4,
    connections: 2,
  },
  {
    request: { dialect: 'anthropic', bytes: 20_000, messages: 9, tools: 2, isStream: true },
    answer: { type: 'stream', chunks: 10, intervalMs: 1 },
    requests: 4,
    connections: 2,
    watched: 'first-token',
  },
];

test.each(WORKS)(
  'a Messages request passes a target that changes nothing, with its $answer.type answer',
  async (work) => {
    await upstream.setAnswer(work.answer);
    const result = await load.run(createJob(direct, work));
    expect(result.requests).toBe(4);
    expect(await upstream.waitUntilIdle(1000)).toMatchObject({ total: 4, requestBytes: 4 * work.request.bytes });
    expect(await upstream.readLastRequest()).toHaveLength(work.request.bytes);
  },
);

test.each(WORKS)('a target that should convert its $answer.type answer and does not fails the run', async (work) => {
  await upstream.setAnswer(work.answer);
  const job = createJob({ ...direct, isConverting: true }, work);
  await expect(load.run(job)).rejects.toThrow(/an answer is no message|an event of another dialect/);
});

test('large and small requests can be answered differently at once, and what is watched is told', async () => {
  const large: Work = {
    request: { dialect: 'anthropic', bytes: 600_000, messages: 9, tools: 2, isStream: false },
    answer: { type: 'json', bytes: 1024 },
    requests: 3,
    connections: 1,
    pace: { everyMs: 20, spreadMs: 0 },
    watched: 'spans',
  };
  const small: Work = {
    request: { bytes: 2000, messages: 3, tools: 0, isStream: true },
    answer: { type: 'stream', chunks: 10, intervalMs: 2, isTimed: true },
    requests: 2,
    connections: 2,
    pace: { everyMs: 0, spreadMs: 1 },
    watched: 'time-marks',
  };
  await upstream.setAnswer({ type: 'by-size', largeBytes: 500_000, small: small.answer, large: large.answer });
  const { spans = [], wallMs } = await load.run(createJob(direct, large));
  expect(spans).toHaveLength(3);
  expect(wallMs).toBeGreaterThan(40);
  const { transits = [] } = await load.run(createJob(direct, small));
  expect(transits).toHaveLength(2 * 8);
  expect(transits.every(({ fromUs, toUs }) => toUs >= fromUs)).toBe(true);
});
