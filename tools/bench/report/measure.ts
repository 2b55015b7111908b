import { type Estimate, estimateMedian } from './estimate-median.ts';

/** What can be measured: how it is headed, and how many digits after the point mean something. */
export const METRICS = {
  cpu_per_request_us: { heading: 'CPU µs/request', digits: 1 },
  cpu_per_chunk_us: { heading: 'CPU µs/chunk', digits: 2 },
  /** To the Node floor, slice by slice. */
  cpu_ratio: { heading: 'CPU × floor', digits: 2 },
  /** Share of the CPU used after the slice's last answer. */
  put_off_percent: { heading: 'put off %', digits: 1 },
  requests_per_s: { heading: 'requests/s', digits: 0 },
  latency_p50_ms: { heading: 'p50 ms', digits: 3 },
  latency_p99_ms: { heading: 'p99 ms', digits: 2 },
  first_byte_p50_ms: { heading: 'first byte p50 ms', digits: 3 },
  /** Time of a stream to the time the upstream alone needs; well above 1 the machine is full. */
  stretch: { heading: 'stretch', digits: 2 },
  /** Above 1 where chunks were joined on the way. */
  chunks_per_read: { heading: 'chunks/read', digits: 2 },
  peak_rss_mb: { heading: 'peak RSS MB', digits: 0 },
  added_latency_ms: { heading: 'added p50 ms', digits: 3 },
  added_to_floor_ms: { heading: 'p50 ms over floor', digits: 3 },
  added_first_byte_ms: { heading: 'added first byte p50 ms', digits: 3 },
  first_token_p50_ms: { heading: 'first token p50 ms', digits: 3 },
  added_first_token_ms: { heading: 'added first token p50 ms', digits: 3 },
  /** From the upstream's write of a chunk to its arrival at the client, of all chunks of a slice. */
  transit_p50_ms: { heading: 'transit p50 ms', digits: 3 },
  transit_p99_ms: { heading: 'transit p99 ms', digits: 2 },
  transit_max_ms: { heading: 'transit max ms', digits: 2 },
  /** The slowest chunk from a large request to the next, median of the large requests of a slice. */
  stall_ms: { heading: 'stall ms', digits: 2 },
  /** Over the Node floor's. */
  added_stall_ms: { heading: 'added stall ms', digits: 2 },
  start_to_health_ms: { heading: 'start to /health ms', digits: 0 },
  start_to_answer_ms: { heading: 'start to first answer ms', digits: 0 },
  idle_rss_mb: { heading: 'idle RSS MB', digits: 1 },
  idle_pss_mb: { heading: 'idle PSS MB', digits: 1 },
  idle_cpu_ms_per_s: { heading: 'idle CPU ms/s', digits: 2 },
  abort_all_ms: { heading: 'all aborted after ms', digits: 0 },
} as const;
export type MetricId = keyof typeof METRICS;

/** One figure of one target in one cell. */
export interface Measure extends Estimate {
  readonly target: string;
  readonly metric: MetricId;
  /** One of each slice, in order. */
  readonly samples: readonly number[];
}

/** The median of samples that are good; figures that are not numbers are a fault of the cell. */
export function createMeasure(target: string, metric: MetricId, samples: readonly number[]): Measure {
  if (!samples.every(Number.isFinite)) throw new Error(`${metric} of ${target} is not a number: ${samples.join(', ')}`);
  return { target, metric, samples, ...estimateMedian(samples) };
}

/** The median of what two targets give in the same slice, taken pair by pair. */
export function createPairedMeasure(parts: {
  readonly target: string;
  readonly metric: MetricId;
  readonly samples: readonly number[];
  readonly base: readonly number[];
  readonly compare: (sample: number, base: number) => number;
}): Measure {
  const { target, metric, samples, base, compare } = parts;
  if (samples.length !== base.length) throw new Error(`${metric} of ${target} has no pair in every slice`);
  return createMeasure(
    target,
    metric,
    samples.map((sample, at) => compare(sample, base[at] ?? Number.NaN)),
  );
}
