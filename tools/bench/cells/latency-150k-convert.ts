import { createMeasure, createPairedMeasure, type Measure } from '../report/measure.ts';
import { DIRECT } from '../targets/target.ts';
import type { Cell } from './cell.ts';
import type { Work } from './create-job.ts';
import { type Samples, sampleSlices } from './sample-slices.ts';
import { warmUp } from './warm-up.ts';
import { withTargets } from './with-targets.ts';

const WORK: Work = {
  request: { dialect: 'anthropic', bytes: 150_000, messages: 135, tools: 25, isStream: true },
  // The second chunk, a timer's millisecond after the first, holds the first token.
  answer: { type: 'stream', chunks: 3, intervalMs: 1 },
  requests: 30,
  connections: 1,
  watched: 'first-token',
};
// Many short ones, since a slice and its partner should meet the same machine.
const SLICES = 20;
const QUICK_SLICES = 6;
/** What takes large bodies apart is compiled after some hundreds of them. */
const WARM_UP_REQUESTS = 300;

export const LATENCY_150K_CONVERT: Cell = {
  name: 'latency-150k-convert',
  title:
    '150 KB Messages request with tool calls, first token of an OpenAI stream, one request at a time; added is over the upstream asked directly',
  bars: [{ metric: 'added_first_token_ms', limit: 3 }],
  run: (bench) =>
    withTargets([bench.direct, ...bench.kinds], async (targets) => {
      await warmUp(bench, targets, { dialect: 'anthropic', own: [{ ...WORK, requests: WARM_UP_REQUESTS }] });
      const samples = await sampleSlices(bench, targets, {
        slices: bench.slices ?? (bench.isQuick ? QUICK_SLICES : SLICES),
        work: WORK,
        read: ({ firstTokenMs }) => firstTokenMs?.p50 ?? Number.NaN,
      });
      return targets.flatMap(({ name }) => renderMeasures(name, samples));
    }),
};

function renderMeasures(target: string, all: Samples): Measure[] {
  const samples = all.get(target) ?? [];
  const plain = createMeasure(target, 'first_token_p50_ms', samples);
  if (target === DIRECT) return [plain];
  const base = all.get(DIRECT) ?? [];
  const compare = (ms: number, directMs: number): number => ms - directMs;
  return [plain, createPairedMeasure({ target, metric: 'added_first_token_ms', samples, base, compare })];
}
