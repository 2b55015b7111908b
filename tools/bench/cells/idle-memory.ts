import { setTimeout as sleep } from 'node:timers/promises';
import { createCpuMeter } from '../process/cpu.ts';
import { readMemory } from '../process/memory.ts';
import { createMeasure, type Measure } from '../report/measure.ts';
import type { Target } from '../targets/target.ts';
import type { Cell } from './cell.ts';
import { withTargets } from './with-targets.ts';

const SLICES = 3;
const QUICK_SLICES = 1;
/** Long enough for what a start leaves to be done: lazy parts, the first timers. */
const SETTLE_MS = 2000;
const WATCH_MS = 2000;
const METRICS = ['idle_rss_mb', 'idle_pss_mb', 'idle_cpu_ms_per_s'] as const;

type Sample = { readonly target: string } & Readonly<Record<(typeof METRICS)[number], number>>;

export const IDLE_MEMORY: Cell = {
  name: 'idle-memory',
  title: 'started, one provider with a key, no request yet; MB of 1,000,000 bytes, of the process and its descendants',
  bars: [{ metric: 'idle_rss_mb', limit: 120 }],
  async run(bench) {
    const samples: Sample[] = [];
    for (let slice = 0; slice < (bench.slices ?? (bench.isQuick ? QUICK_SLICES : SLICES)); slice += 1) {
      samples.push(...(await withTargets(bench.kinds, watchIdle)));
    }
    return [...new Set(samples.map(({ target }) => target))].flatMap((target): Measure[] => {
      const own = samples.filter((sample) => sample.target === target);
      return METRICS.map((metric) =>
        createMeasure(
          target,
          metric,
          own.map((sample) => sample[metric]),
        ),
      );
    });
  },
};

async function watchIdle(targets: readonly Target[]): Promise<readonly Sample[]> {
  await sleep(SETTLE_MS);
  const meters = targets.flatMap(({ name, pid }) => {
    if (pid === undefined) return [];
    const meter = createCpuMeter(pid);
    return [{ name, pid, meter, startUs: meter.readUs() }];
  });
  await sleep(WATCH_MS);
  return meters.map(({ name, pid, meter, startUs }) => {
    const { rssMb, pssMb } = readMemory(pid);
    const cpuMs = (meter.readUs() - startUs) / 1000;
    return {
      target: name,
      idle_rss_mb: rssMb,
      idle_pss_mb: pssMb,
      idle_cpu_ms_per_s: cpuMs / (WATCH_MS / 1000),
    };
  });
}
