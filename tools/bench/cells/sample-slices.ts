import type { JobResult } from '../load/job.ts';
import type { Target } from '../targets/target.ts';
import type { Bench } from './cell.ts';
import type { Work } from './create-job.ts';
import { rotate } from './rotate.ts';
import { runWork } from './run-work.ts';

/** One figure of each slice, in order, by the name of the target. */
export type Samples = ReadonlyMap<string, readonly number[]>;

export interface SampleParts {
  readonly slices: number;
  readonly work: Work;
  readonly read: (result: JobResult) => number;
}

/** The work of each slice by every target, in turns that rotate. */
export async function sampleSlices(
  bench: Bench,
  targets: readonly Target[],
  { slices, work, read }: SampleParts,
): Promise<Samples> {
  const samples = new Map<string, number[]>(targets.map(({ name }) => [name, []]));
  for (let slice = 0; slice < slices; slice += 1) {
    for (const target of rotate(targets, slice)) {
      samples.get(target.name)?.push(read(await runWork(bench, target, work)));
    }
  }
  return samples;
}
