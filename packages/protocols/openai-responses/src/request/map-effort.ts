import type { WireEffort } from './model-traits.ts';

const ORDER: readonly WireEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * The effort a model takes that is nearest: the next greater one, else its greatest. Whoever wants some thinking does not
 * get none.
 */
export function mapEffort(wanted: WireEffort, efforts: readonly WireEffort[] | undefined): WireEffort {
  if (efforts === undefined || efforts.includes(wanted)) return wanted;
  const rank = ORDER.indexOf(wanted);
  return efforts.find((effort) => ORDER.indexOf(effort) > rank) ?? efforts[efforts.length - 1] ?? wanted;
}
