import { pollUntil } from '../process/poll-until.ts';
import { createMeasure, type Measure } from '../report/measure.ts';
import type { Target } from '../targets/target.ts';
import type { Bench, Cell } from './cell.ts';
import { createJob } from './create-job.ts';
import { rotate } from './rotate.ts';
import { warmUp } from './warm-up.ts';
import { withTargets } from './with-targets.ts';

const CLIENTS = 1000;
const SLICES = 3;
const QUICK_SLICES = 1;
const COUNT_MS = 20_000;
const work = {
  request: { bytes: 2000, messages: 3, tools: 0, isStream: true },
  // Longer than anybody stays.
  answer: { type: 'stream', chunks: 600, intervalMs: 100 },
  requests: CLIENTS,
  connections: CLIENTS,
} as const;

export const LEAVERS: Cell = {
  name: 'leavers',
  title: `${CLIENTS} streaming clients leave at once: time until the upstream has counted ${CLIENTS} aborted calls`,
  bars: [{ metric: 'abort_all_ms', limit: 300 }],
  run: (bench) =>
    withTargets([bench.direct, ...bench.kinds], async (targets) => {
      await warmUp(bench, targets);
      const samples = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
      for (let slice = 0; slice < (bench.slices ?? (bench.isQuick ? QUICK_SLICES : SLICES)); slice += 1) {
        for (const target of rotate(targets, slice)) samples.get(target.name)?.push(await timeLeaving(bench, target));
      }
      return targets.map(({ name }): Measure => createMeasure(name, 'abort_all_ms', samples.get(name) ?? []));
    }),
};

/** Milliseconds from the first that leaves to the last call the upstream sees aborted. */
async function timeLeaving({ upstream, load }: Bench, target: Target): Promise<number> {
  await upstream.setAnswer(work.answer);
  try {
    await load.hold(createJob(target, work));
    const { atUs } = await load.leave();
    const calls = await pollUntil(
      async () => {
        const counted = await upstream.readCalls();
        return counted.aborted >= CLIENTS && counted.open === 0 ? counted : undefined;
      },
      { intervalMs: 20, timeoutMs: COUNT_MS, failure: `not all calls were aborted within ${COUNT_MS} ms` },
    );
    return (calls.lastAbortAtUs - atUs) / 1000;
  } catch (cause) {
    throw new Error(`${target.name}: ${cause instanceof Error ? cause.message : 'failed'}`, { cause });
  }
}
