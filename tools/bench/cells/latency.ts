import { createMeasure, createPairedMeasure, type Measure } from '../report/measure.ts';
import { DIRECT } from '../targets/target.ts';
import type { Cell } from './cell.ts';
import type { Work } from './create-job.ts';
import { type Samples, sampleSlices } from './sample-slices.ts';
import { warmUp } from './warm-up.ts';
import { withTargets } from './with-targets.ts';

const JSON_WORK: Work = {
  request: { bytes: 1024, messages: 3, tools: 0, isStream: false },
  answer: { type: 'json', bytes: 1024 },
  requests: 300,
  connections: 1,
};
const STREAM_WORK: Work = {
  request: { bytes: 1024, messages: 3, tools: 0, isStream: true },
  answer: { type: 'stream', chunks: 2, intervalMs: 1 },
  requests: 150,
  connections: 1,
};
const SLICES = 10;
const QUICK_SLICES = 4;
const subtract = (sample: number, base: number): number => sample - base;

export const LATENCY: Cell = {
  name: 'latency',
  title: '1 KB JSON and the first chunk of a stream, one request at a time; added is over the upstream asked directly',
  bars: [
    { metric: 'added_latency_ms', limit: 0.7 },
    { metric: 'added_first_byte_ms', limit: 1 },
  ],
  run: (bench) =>
    withTargets([bench.direct, ...bench.kinds], async (targets) => {
      await warmUp(bench, targets);
      const slices = bench.slices ?? (bench.isQuick ? QUICK_SLICES : SLICES);
      const whole = await sampleSlices(bench, targets, {
        slices,
        work: JSON_WORK,
        read: ({ latencyMs }) => latencyMs.p50,
      });
      const first = await sampleSlices(bench, targets, {
        slices,
        work: STREAM_WORK,
        read: ({ firstByteMs }) => firstByteMs.p50,
      });
      const floor = bench.kinds[0]?.name ?? '';
      return targets.flatMap(({ name: target }) => renderMeasures({ target, floor, whole, first }));
    }),
};

function renderMeasures(parts: {
  readonly target: string;
  readonly floor: string;
  readonly whole: Samples;
  readonly first: Samples;
}): Measure[] {
  const { target, floor, whole, first } = parts;
  const of = (samples: Samples, name: string): readonly number[] => samples.get(name) ?? [];
  const plain = [
    createMeasure(target, 'latency_p50_ms', of(whole, target)),
    createMeasure(target, 'first_byte_p50_ms', of(first, target)),
  ];
  if (target === DIRECT) return plain;
  const added = { target, compare: subtract };
  return [
    ...plain,
    createPairedMeasure({ ...added, metric: 'added_latency_ms', samples: of(whole, target), base: of(whole, DIRECT) }),
    createPairedMeasure({
      ...added,
      metric: 'added_first_byte_ms',
      samples: of(first, target),
      base: of(first, DIRECT),
    }),
    createPairedMeasure({ ...added, metric: 'added_to_floor_ms', samples: of(whole, target), base: of(whole, floor) }),
  ];
}
