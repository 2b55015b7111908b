import type { ErrorKind } from '@proxycast/spec';

/** However long an upstream asks to wait, a credential is tried again after this. */
export const MAX_COOL_DOWN_MS = 10 * 60_000;

const FIRST_RATE_LIMIT_COOL_DOWN_MS = 1_000;
const MAX_UNHINTED_RATE_LIMIT_COOL_DOWN_MS = 60_000;
const REJECTED_COOL_DOWN_MS = 5 * 60_000;

/**
 * How long a credential rests after a failure of this kind; 0 for failures that say nothing about the credential:
 * the client's own mistakes, and an upstream that is down for everyone.
 */
export function coolDownMs(kind: ErrorKind, strikes: number, hintMs: number | undefined): number {
  switch (kind) {
    case 'rate-limited':
      if (hintMs !== undefined) return Math.min(hintMs, MAX_COOL_DOWN_MS);
      return Math.min(
        FIRST_RATE_LIMIT_COOL_DOWN_MS * 2 ** Math.min(strikes - 1, 10),
        MAX_UNHINTED_RATE_LIMIT_COOL_DOWN_MS,
      );
    case 'quota-exhausted':
    case 'authentication':
    case 'permission':
      return Math.min(hintMs ?? REJECTED_COOL_DOWN_MS, MAX_COOL_DOWN_MS);
    default:
      return 0;
  }
}

/** Whether a failure of this kind speaks of one model only: vendors count requests and tokens for each. */
export function isOfOneModel(kind: ErrorKind): boolean {
  return kind === 'rate-limited';
}
