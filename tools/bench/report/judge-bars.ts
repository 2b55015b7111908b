import type { Bar } from '../cells/cell.ts';
import type { Measure } from './measure.ts';

export interface Verdict extends Bar {
  readonly cell: string;
  /** Absent: not measured. */
  readonly value?: number;
  readonly isMet: boolean;
}

/** Every bar of a cell against the median of the target; what was not measured is not met. */
export function judgeBars(
  {
    cell,
    bars,
    measures,
  }: { readonly cell: string; readonly bars: readonly Bar[]; readonly measures: readonly Measure[] },
  target: string,
): readonly Verdict[] {
  return bars.map((bar) => {
    const measure = measures.find((one) => one.target === target && one.metric === bar.metric);
    if (measure === undefined) return { ...bar, cell, isMet: false };
    return { ...bar, cell, value: measure.value, isMet: measure.value <= bar.limit };
  });
}
