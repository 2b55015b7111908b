import { setTimeout as sleep } from 'node:timers/promises';
import type { JobResult } from '../load/job.ts';
import { createCpuMeter } from '../process/cpu.ts';
import { readPeakRssMb, resetPeak } from '../process/memory.ts';
import { createMeasure, createPairedMeasure, type Measure } from '../report/measure.ts';
import type { Target } from '../targets/target.ts';
import type { Bar, Bench, Cell } from './cell.ts';
import type { Work } from './create-job.ts';
import { rotate } from './rotate.ts';
import { runWork } from './run-work.ts';
import { warmUp } from './warm-up.ts';
import { withTargets } from './with-targets.ts';

/** How much is done in one go; the quick one is for seeing that all works. */
export interface Extent {
  readonly work: Work;
  readonly slices: number;
  /** After this no slice is begun that was not asked for by number. */
  readonly budgetMs: number;
}

export interface CpuCellParts {
  readonly name: string;
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly full: Extent;
  readonly quick: Extent;
  /** Done once by each target before the first slice, beside what every cell does. */
  readonly warmUp?: Work;
}

interface Slice {
  readonly result: JobResult;
  /** From the start of the slice to the start of the same target's next one: what it puts off is counted. */
  readonly cpuUs: number;
  /** Until the last answer. */
  readonly cpuDuringUs: number;
  readonly peakRssMb: number;
}

const MIN_SLICES = 3;
/** Longer than what is put off by timers: ledger rows go out in batches, garbage is collected when idle. */
const PUT_OFF_MS = 1500;
const QUICK_PUT_OFF_MS = 500;

/** CPU of the targets, in slices that alternate: A B C, B C A, … so that what disturbs the machine disturbs all. */
export function createCpuCell({ name, title, bars, full, quick, warmUp: own }: CpuCellParts): Cell {
  return {
    name,
    title,
    bars,
    run: (bench) =>
      withTargets(bench.kinds, async (targets) => {
        const extent = bench.isQuick ? quick : full;
        const { dialect } = extent.work.request;
        await warmUp(bench, targets, {
          ...(dialect === undefined ? {} : { dialect }),
          ...(own === undefined ? {} : { own: [own] }),
        });
        return renderMeasures(extent.work, targets, await runSlices(bench, extent, targets));
      }),
  };
}

async function runSlices(bench: Bench, extent: Extent, targets: readonly Target[]): Promise<Map<string, Slice[]>> {
  const runs = targets.map((target) => createSliceRun(bench, extent.work, target));
  const startedAt = performance.now();
  for (let slice = 0; slice < (bench.slices ?? extent.slices); slice += 1) {
    const isLate = performance.now() - startedAt > extent.budgetMs;
    if (isLate && slice >= MIN_SLICES && bench.slices === undefined) break;
    for (const run of rotate(runs, slice)) await run.runSlice();
  }
  await sleep(bench.isQuick ? QUICK_PUT_OFF_MS : PUT_OFF_MS);
  return new Map(runs.map((run) => [run.name, run.finish()]));
}

interface SliceRun {
  readonly name: string;
  readonly runSlice: () => Promise<void>;
  readonly finish: () => Slice[];
}

function createSliceRun(bench: Bench, work: Work, target: Target): SliceRun {
  const { name, pid } = target;
  const meter = pid === undefined ? undefined : createCpuMeter(pid);
  const readUs = (): number => meter?.readUs() ?? 0;
  const slices: (Omit<Slice, 'cpuUs'> & { readonly startUs: number })[] = [];
  return {
    name,
    async runSlice() {
      if (pid !== undefined) resetPeak(pid);
      const startUs = readUs();
      const result = await runWork(bench, target, work);
      const cpuDuringUs = readUs() - startUs;
      slices.push({ result, startUs, cpuDuringUs, peakRssMb: pid === undefined ? 0 : readPeakRssMb(pid) });
    },
    finish() {
      const endUs = readUs();
      return slices.map(({ startUs, ...slice }, at) => ({
        ...slice,
        cpuUs: (slices[at + 1]?.startUs ?? endUs) - startUs,
      }));
    },
  };
}

function renderMeasures(work: Work, targets: readonly Target[], slices: ReadonlyMap<string, Slice[]>): Measure[] {
  const [floor] = targets;
  const floorCpu = (slices.get(floor?.name ?? '') ?? []).map(({ cpuUs }) => cpuUs);
  return targets.flatMap((target) => {
    const own = slices.get(target.name) ?? [];
    const samples = own.map(({ cpuUs }) => cpuUs);
    const speed = renderSpeed(work, target.name, own);
    if (target.pid === undefined) return speed;
    const { requests, answer } = work;
    const divisor = answer.type === 'stream' ? requests * answer.chunks : requests;
    return [
      createMeasure(
        target.name,
        answer.type === 'stream' ? 'cpu_per_chunk_us' : 'cpu_per_request_us',
        samples.map((us) => us / divisor),
      ),
      createPairedMeasure({
        target: target.name,
        metric: 'cpu_ratio',
        samples,
        base: floorCpu,
        compare: (us, floorUs) => us / floorUs,
      }),
      createMeasure(
        target.name,
        'put_off_percent',
        own.map(({ cpuUs, cpuDuringUs }) => 100 * (1 - cpuDuringUs / cpuUs)),
      ),
      ...speed,
      createMeasure(
        target.name,
        'peak_rss_mb',
        own.map(({ peakRssMb }) => peakRssMb),
      ),
    ];
  });
}

function renderSpeed({ answer, requests }: Work, target: string, slices: readonly Slice[]): Measure[] {
  const of = (read: (result: JobResult) => number): number[] => slices.map(({ result }) => read(result));
  if (answer.type === 'json') {
    return [
      createMeasure(
        target,
        'requests_per_s',
        of(({ wallMs }) => (requests * 1000) / wallMs),
      ),
      createMeasure(
        target,
        'latency_p50_ms',
        of(({ latencyMs }) => latencyMs.p50),
      ),
      createMeasure(
        target,
        'latency_p99_ms',
        of(({ latencyMs }) => latencyMs.p99),
      ),
    ];
  }
  const aloneMs = (answer.chunks - 1) * answer.intervalMs;
  return [
    createMeasure(
      target,
      'stretch',
      of(({ latencyMs }) => latencyMs.p50 / aloneMs),
    ),
    createMeasure(
      target,
      'chunks_per_read',
      of(({ reads }) => (requests * answer.chunks) / reads),
    ),
    createMeasure(
      target,
      'first_byte_p50_ms',
      of(({ firstByteMs }) => firstByteMs.p50),
    ),
  ];
}
