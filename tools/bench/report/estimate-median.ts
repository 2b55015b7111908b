/** A median and how far it can be trusted. */
export interface Estimate {
  readonly value: number;
  /** The narrowest pair of order statistics that holds the true median in 95 % of runs, or the whole range. */
  readonly low: number;
  readonly high: number;
  /** How often such an interval holds it, 0 to 1; under 0.95 with fewer than six samples. */
  readonly coverage: number;
}

const WANTED_COVERAGE = 0.95;

/** Assumes nothing of the samples but that they are independent. Throws RangeError when there are none. */
export function estimateMedian(samples: readonly number[]): Estimate {
  const sorted = Float64Array.from(samples).sort();
  const count = sorted.length;
  if (count === 0) throw new RangeError('There is no median of no samples.');
  let cutOff = 0;
  while (cutOff + 1 < count / 2 && coverageOf(count, cutOff + 1) >= WANTED_COVERAGE) cutOff += 1;
  return {
    value: medianOf(sorted),
    low: sorted[cutOff] ?? 0,
    high: sorted[count - 1 - cutOff] ?? 0,
    coverage: coverageOf(count, cutOff),
  };
}

/**
 * How many samples are under the true median is the throw of `count` fair coins: the chance that more than `cutOff` are
 * on either side of it.
 */
function coverageOf(count: number, cutOff: number): number {
  let tail = 0.5 ** count;
  let outside = 0;
  for (let at = 0; at <= cutOff; at += 1) {
    outside += tail;
    tail *= (count - at) / (at + 1);
  }
  return Math.max(1 - 2 * outside, 0);
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
