import type { Load } from '../load/start-load.ts';
import type { Measure, MetricId } from '../report/measure.ts';
import type { ProxyCast } from '../targets/proxycast.ts';
import type { TargetKind } from '../targets/target.ts';
import type { Upstream } from '../upstream/start-upstream.ts';

/** What a run lends to its cells. */
export interface Bench {
  readonly isQuick: boolean;
  /** Absent: as many as the cell likes, and fewer on a slow machine. */
  readonly slices?: number;
  readonly upstream: Upstream;
  readonly load: Load;
  /** Another load generator, for what is watched while the first one works: it is never busy with large requests. */
  readonly watcher: Load;
  /** The Node floor first. */
  readonly kinds: readonly TargetKind[];
  readonly direct: TargetKind;
  /** Absent when it is left out. */
  readonly proxycast?: ProxyCast;
}

/** ProxyCast's median of this has to be at most that. */
export interface Bar {
  readonly metric: MetricId;
  readonly limit: number;
}

/** One question to all targets. A new one is a file here and a line in `cell-list.ts`. */
export interface Cell {
  readonly name: string;
  /** What is done and counted, for the reader of the table. */
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly run: (bench: Bench) => Promise<readonly Measure[]>;
}
