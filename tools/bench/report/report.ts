import type { Verdict } from './judge-bars.ts';
import type { Measure } from './measure.ts';

/** All that one run found; written as it is. */
export interface Report {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly node: string;
  readonly undici: string;
  /** As `nginx -v` says; absent: none. */
  readonly nginx?: string;
  readonly cpu: { readonly model: string; readonly count: number };
  readonly system: string;
  /** Of one minute, when the run began: others' work in the figures. */
  readonly loadAtStart: number;
  readonly isQuick: boolean;
  readonly seconds: number;
  readonly cells: readonly {
    readonly name: string;
    readonly title: string;
    readonly measures: readonly Measure[];
    readonly seconds: number;
  }[];
  readonly bars: readonly Verdict[];
}
