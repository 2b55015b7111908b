import { z } from 'zod';

/** Requests one after the other on each of some connections, as fast as the answers come. */
export const jobSchema = z.strictObject({
  host: z.string(),
  port: z.int(),
  path: z.string(),
  /** Beside host, content-type and content-length. */
  headers: z.record(z.string(), z.string()),
  request: z.strictObject({
    bytes: z.int(),
    messages: z.int(),
    tools: z.int(),
    isStream: z.boolean(),
    model: z.string().exactOptional(),
  }),
  connections: z.int().min(1),
  requests: z.int().min(1),
  timeoutMs: z.int().min(1),
  /** How every body has to be; absent members are not looked at. */
  expected: z.strictObject({ bytes: z.int().exactOptional(), end: z.string().exactOptional() }),
});
export type Job = z.output<typeof jobSchema>;

export const percentilesSchema = z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() });
export type Percentiles = z.output<typeof percentilesSchema>;

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
