import type { Cell } from './cell.ts';
import { COLD_START } from './cold-start.ts';
import { STREAMS_100, STREAMS_500, STREAMS_1000, STREAMS_1000_CONVERT } from './concurrent-streams.ts';
import { IDLE_MEMORY } from './idle-memory.ts';
import { JSON_1K } from './json-1k.ts';
import { JSON_1K_CONVERT } from './json-1k-convert.ts';
import { JSON_2M } from './json-2m.ts';
import { JSON_2M_CONVERT } from './json-2m-convert.ts';
import { LATENCY } from './latency.ts';
import { LATENCY_150K_CONVERT } from './latency-150k-convert.ts';
import { LEAVERS } from './leavers.ts';
import { STALL_2M_CONVERT } from './stall-2m-convert.ts';
import { STREAM_150K_300 } from './stream-150k-300.ts';
import { STREAM_150K_300_CONVERT } from './stream-150k-300-convert.ts';

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
  JSON_1K_CONVERT,
  STREAM_150K_300_CONVERT,
  STREAMS_1000_CONVERT,
  JSON_2M_CONVERT,
  LATENCY_150K_CONVERT,
  STALL_2M_CONVERT,
];
