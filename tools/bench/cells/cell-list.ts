import type { Cell } from './cell.ts';
import { COLD_START } from './cold-start.ts';
import { STREAMS_100, STREAMS_500, STREAMS_1000 } from './concurrent-streams.ts';
import { IDLE_MEMORY } from './idle-memory.ts';
import { JSON_1K } from './json-1k.ts';
import { JSON_2M } from './json-2m.ts';
import { LATENCY } from './latency.ts';
import { LEAVERS } from './leavers.ts';
import { STREAM_150K_300 } from './stream-150k-300.ts';

/** In the order in which they run and are reported. */
export const CELLS: readonly Cell[] = [
  JSON_1K,
  STREAM_150K_300,
  JSON_2M,
  STREAMS_100,
  STREAMS_500,
  STREAMS_1000,
  LATENCY,
  COLD_START,
  IDLE_MEMORY,
  LEAVERS,
];
