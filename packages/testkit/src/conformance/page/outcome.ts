import type { ConversionChange } from '@proxycast/spec';

/** What became of a capability between a client's dialect and a service's. */
export type Outcome =
  | { readonly type: 'pass' }
  /** Weaker or gone; what is said of it. */
  | { readonly type: 'lossy'; readonly what: string }
  /** A 400 that names it. */
  | { readonly type: 'refused'; readonly why: string }
  /** The client's dialect has no word for it, or the service's never says it. */
  | { readonly type: 'none' }
  /** The service would have refused what it was sent, or the client got something else: a bug. */
  | { readonly type: 'fault'; readonly what: string };

export const PASS: Outcome = { type: 'pass' };
export const NONE: Outcome = { type: 'none' };

export const lossy = (what: string): Outcome => ({ type: 'lossy', what });
export const fault = (what: string): Outcome => ({ type: 'fault', what });

/** What `x-proxycast-changed` says. */
export const describeChanges = (changes: readonly ConversionChange[]): string =>
  [...new Set(changes.map(({ field, action }) => `${action} \`${field}\``))].join(', ');

const RANK: readonly Outcome['type'][] = ['fault', 'refused', 'lossy', 'pass', 'none'];

/** The worst of several looks at one capability, with all that was said of that. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  const worst = RANK.find((type) => outcomes.some((outcome) => outcome.type === type));
  const found = outcomes.filter(({ type }) => type === worst);
  const [first = NONE] = found;
  if (first.type !== 'lossy' && first.type !== 'fault') return first;
  const said = found.flatMap((outcome) => ('what' in outcome ? [outcome.what] : []));
  return { type: first.type, what: [...new Set(said)].join('; ') };
}
