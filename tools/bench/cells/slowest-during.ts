import type { Span } from '../load/job.ts';

/** For each span the longest, in milliseconds, of those that overlap it; 0 where none does. */
export function slowestDuring(spans: readonly Span[], others: readonly Span[]): readonly number[] {
  return spans.map(({ fromUs, toUs }) =>
    others.reduce((slowestMs, other) => {
      const overlaps = other.fromUs < toUs && other.toUs > fromUs;
      return overlaps ? Math.max(slowestMs, (other.toUs - other.fromUs) / 1000) : slowestMs;
    }, 0),
  );
}
