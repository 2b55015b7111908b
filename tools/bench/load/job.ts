import { z } from 'zod';
import { DIALECTS } from './request-shape.ts';

/** Absent: each request follows the answer before it. */
export const paceSchema = z.strictObject({
  /** From one request of a connection to its next, unless the answer takes longer. */
  everyMs: z.int().min(0),
  /** The connections begin this long after one another. */
  spreadMs: z.int().min(0),
});
export type Pace = z.output<typeof paceSchema>;

/** A whole message in the Anthropic dialect, as a stream or at once. */
export const expectedMessageSchema = z.strictObject({
  isStream: z.boolean(),
  text: z.string(),
  outputTokens: z.int(),
});
export type ExpectedMessage = z.output<typeof expectedMessageSchema>;

/** Requests one after the other on each of some connections, as fast as the answers come. */
export const jobSchema = z.strictObject({
  host: z.string(),
  port: z.int(),
  path: z.string(),
  /** Beside host, content-type and content-length. */
  headers: z.record(z.string(), z.string()),
  request: z.strictObject({
    dialect: z.enum(DIALECTS).exactOptional(),
    bytes: z.int(),
    messages: z.int(),
    tools: z.int(),
    isStream: z.boolean(),
    model: z.string().exactOptional(),
  }),
  connections: z.int().min(1),
  requests: z.int().min(1),
  timeoutMs: z.int().min(1),
  pace: paceSchema.exactOptional(),
  /** How every body has to be; absent members are not looked at. */
  expected: z.strictObject({
    bytes: z.int().exactOptional(),
    end: z.string().exactOptional(),
    message: expectedMessageSchema.exactOptional(),
  }),
  /** What to look for in the bodies while they come. */
  watched: z.enum(['first-token', 'time-marks', 'spans']).exactOptional(),
});
export type Job = z.output<typeof jobSchema>;

export const percentilesSchema = z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() });
export type Percentiles = z.output<typeof percentilesSchema>;

/** Of the clock of `monotonicUs`. */
export const spanSchema = z.strictObject({ fromUs: z.int(), toUs: z.int() });
export type Span = z.output<typeof spanSchema>;

export const jobResultSchema = z.strictObject({
  requests: z.int(),
  /** From the first request to the last byte, connecting not counted. */
  wallMs: z.number(),
  bodyBytes: z.int(),
  /** Pieces in which the bodies came; fewer than the upstream wrote where pieces were joined on the way. */
  reads: z.int(),
  latencyMs: percentilesSchema,
  /** From the request to the first byte of the body. */
  firstByteMs: percentilesSchema,
  /** From the request to the first text of the model; with `watched: 'first-token'`. */
  firstTokenMs: percentilesSchema.exactOptional(),
  /** From the upstream's write of each chunk to its arrival; with `watched: 'time-marks'`. */
  transits: z.array(spanSchema).exactOptional(),
  /** From each request to the end of its answer; with `watched: 'spans'`. */
  spans: z.array(spanSchema).exactOptional(),
});
export type JobResult = z.output<typeof jobResultSchema>;

export const commandSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('run'), job: jobSchema }),
  /** Opens all streams and keeps them; answers when each has its first byte. */
  z.strictObject({ type: z.literal('hold'), job: jobSchema }),
  /** Ends at once what is held. */
  z.strictObject({ type: z.literal('leave') }),
]);
export type Command = z.output<typeof commandSchema>;

export const replySchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('done'), result: jobResultSchema }),
  z.strictObject({ type: z.literal('held'), connections: z.int() }),
  /** When it began to leave, of the clock of `monotonicUs`. */
  z.strictObject({ type: z.literal('left'), atUs: z.int(), tookUs: z.int() }),
  z.strictObject({ type: z.literal('failed'), message: z.string() }),
]);
export type Reply = z.output<typeof replySchema>;
