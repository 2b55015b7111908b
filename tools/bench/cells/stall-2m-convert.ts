import type { Span } from '../load/job.ts';
import { percentilesOf } from '../load/percentiles-of.ts';
import { createMeasure, createPairedMeasure, type Measure } from '../report/measure.ts';
import type { Target } from '../targets/target.ts';
import type { Bench, Cell } from './cell.ts';
import { createJob, type Work } from './create-job.ts';
import { rotate } from './rotate.ts';
import { runWork } from './run-work.ts';
import { slowestDuring } from './slowest-during.ts';
import { warmUp } from './warm-up.ts';
import { withTargets } from './with-targets.ts';

// No multiple of the streams' interval, so that every conversion meets their chunks at another moment.
const EVERY_MS = 97;
/** One large request after the other, the same number in the same time for every target. */
const CONVERSIONS: Work = {
  request: { dialect: 'anthropic', bytes: 2_000_000, messages: 401, tools: 25, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 15,
  connections: 1,
  pace: { everyMs: EVERY_MS, spreadMs: 0 },
  watched: 'spans',
};
/** For as long as the conversions take. Between them they have a chunk every other millisecond. */
const STREAMS: Work = {
  request: { bytes: 2000, messages: 3, tools: 0, isStream: true },
  answer: { type: 'stream', chunks: 150, intervalMs: 10, isTimed: true },
  requests: 5,
  connections: 5,
  pace: { everyMs: 0, spreadMs: 2 },
  watched: 'time-marks',
};
const LARGE_BYTES = 500_000;
const SLICES = 11;
const QUICK_SLICES = 3;
const IDLE_MS = 10_000;
const WARM_UP: Work = { ...CONVERSIONS, pace: { everyMs: 0, spreadMs: 0 }, requests: 40 };

/** Milliseconds. */
interface Slice {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly stall: number;
}

export const STALL_2M_CONVERT: Cell = {
  name: 'stall-2m-convert',
  title:
    'a 2 MB Messages request every 97 ms, and 5 OpenAI streams of a chunk every 10 ms that pass meanwhile: how long chunks are on their way; stall is the slowest one from a large request to the next, added over the floor’s',
  bars: [{ metric: 'added_stall_ms', limit: 5 }],
  run: (bench) =>
    withTargets(bench.kinds, async (targets) => {
      await warmUp(bench, targets);
      for (const target of targets) await runWork(bench, target, WARM_UP);
      const slices = new Map<string, Slice[]>(targets.map(({ name }) => [name, []]));
      for (let slice = 0; slice < (bench.slices ?? (bench.isQuick ? QUICK_SLICES : SLICES)); slice += 1) {
        for (const target of rotate(targets, slice)) slices.get(target.name)?.push(await runSlice(bench, target));
      }
      const floor = slices.get(targets[0]?.name ?? '') ?? [];
      return targets.flatMap(({ name }) => renderMeasures(name, slices.get(name) ?? [], floor));
    }),
};

async function runSlice({ upstream, load, watcher }: Bench, target: Target): Promise<Slice> {
  await upstream.setAnswer({
    type: 'by-size',
    largeBytes: LARGE_BYTES,
    small: STREAMS.answer,
    large: CONVERSIONS.answer,
  });
  try {
    const [{ transits = [] }, { spans = [] }] = await Promise.all([
      watcher.run(createJob(target, STREAMS)),
      load.run(createJob(target, CONVERSIONS)),
    ]);
    await upstream.waitUntilIdle(IDLE_MS);
    return {
      ...percentilesOf(transits.map(({ fromUs, toUs }) => (toUs - fromUs) / 1000)),
      stall: percentilesOf(slowestDuring(spans.map(widen), transits)).p50,
    };
  } catch (cause) {
    throw new Error(`${target.name}: ${cause instanceof Error ? cause.message : 'failed'}`, { cause });
  }
}

/** To where the next one may begin: as long for every target, or the slower one would meet more of the machine's noise. */
function widen({ fromUs, toUs }: Span): Span {
  return { fromUs, toUs: Math.max(toUs, fromUs + EVERY_MS * 1000) };
}

function renderMeasures(target: string, own: readonly Slice[], floor: readonly Slice[]): Measure[] {
  const of = (read: (slice: Slice) => number): number[] => own.map(read);
  const stalls = of(({ stall }) => stall);
  return [
    createMeasure(
      target,
      'transit_p50_ms',
      of(({ p50 }) => p50),
    ),
    createMeasure(
      target,
      'transit_p99_ms',
      of(({ p99 }) => p99),
    ),
    createMeasure(
      target,
      'transit_max_ms',
      of(({ max }) => max),
    ),
    createMeasure(target, 'stall_ms', stalls),
    createPairedMeasure({
      target,
      metric: 'added_stall_ms',
      samples: stalls,
      base: floor.map(({ stall }) => stall),
      compare: (ms, floorMs) => ms - floorMs,
    }),
  ];
}
