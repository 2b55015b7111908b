import type { Bench, Cell } from './cells/cell.ts';
import { judgeBars } from './report/judge-bars.ts';
import type { Report } from './report/report.ts';
import { PROXYCAST } from './targets/target.ts';

/** One after the other. Throws with the name of the cell that failed. */
export async function runCells(
  cells: readonly Cell[],
  bench: Bench,
  tell: (line: string) => void,
): Promise<Pick<Report, 'cells' | 'bars'>> {
  const done: Report['cells'][number][] = [];
  for (const { name, title, run } of cells) {
    tell(`${name} …`);
    const startedAt = performance.now();
    const measures = await run(bench).catch((cause: unknown) => {
      throw new Error(`${name}: ${cause instanceof Error ? cause.message : 'failed'}`, { cause });
    });
    done.push({ name, title, measures, seconds: (performance.now() - startedAt) / 1000 });
  }
  const bars = cells.flatMap(({ name, bars: own }, at) =>
    judgeBars({ cell: name, bars: own, measures: done[at]?.measures ?? [] }, PROXYCAST),
  );
  return { cells: done, bars: bench.proxycast === undefined ? [] : bars };
}
