import type { Extensions } from './extensions.ts';

/**
 * Tokens of one answer. Absent means the upstream did not say; 0 means it said none.
 * `input` includes cache reads and writes; `output` includes reasoning, whatever base the dialect uses.
 */
export interface TokenUsage {
  readonly input?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly output?: number;
  readonly reasoning?: number;
  /** Counters that only one dialect has. */
  readonly extensions?: Extensions;
}
