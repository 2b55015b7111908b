import type { ErrorKind } from '@proxycast/spec';
import type { Refusal } from './classify-failure.ts';

/** Of several refusals the client gets the one it can do most about: waiting beats a dead host beats our bad key. */
const PREFERENCE: readonly ErrorKind[] = [
  'rate-limited',
  'quota-exhausted',
  'overloaded',
  'timeout',
  'not-found',
  'permission',
];

/** Whether a refusal is more worth telling than the one before. */
export function isPreferred(candidate: Refusal, current: Refusal): boolean {
  const rank = ({ error }: Refusal): number => {
    const at = PREFERENCE.indexOf(error.kind);
    return at < 0 ? PREFERENCE.length : at;
  };
  return candidate.next === 'stop' || rank(candidate) <= rank(current);
}
