import type { EpochMs } from '@proxycast/spec';

/** Of a token's life, the last part in which it is renewed. */
const LEAD_SHARE = 0.2;
const MIN_LEAD_MS = 30_000;
const MAX_LEAD_MS = 10 * 60_000;

/**
 * When a token is renewed: before the last fifth of what was left of its life when it was first seen, at least 30 seconds and at most ten
 * minutes ahead, never in the first half of it. By chance somewhat later, so that nodes do not all ask at once.
 */
export function nextRefreshAt(
  { seenAt, expiresAt }: { readonly seenAt: EpochMs; readonly expiresAt: EpochMs },
  random: () => number,
): EpochMs {
  const lifeMs = Math.max(0, expiresAt - seenAt);
  const leadMs = Math.min(Math.max(lifeMs * LEAD_SHARE, MIN_LEAD_MS), MAX_LEAD_MS, lifeMs / 2);
  return Math.round(expiresAt - leadMs + (random() * leadMs) / 2);
}

const FIRST_REST_MS = 10_000;
const MAX_REST_MS = 15 * 60_000;
/** However long a service asks to wait. */
const MAX_ASKED_REST_MS = 60 * 60_000;

/** How long a refresh rests after so many failures in a row (from 1): 10, 20, 40 … 900 seconds and up to a fifth more by chance, or as asked. */
export function refreshRestMs(failures: number, askedMs: number | undefined, random: () => number): number {
  const usualMs = Math.min(FIRST_REST_MS * 2 ** Math.min(failures - 1, 10), MAX_REST_MS);
  const restMs = askedMs === undefined ? usualMs : Math.min(Math.max(askedMs, 1_000), MAX_ASKED_REST_MS);
  return Math.round(restMs * (1 + random() * 0.2));
}
