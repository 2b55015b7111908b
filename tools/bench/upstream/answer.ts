import { z } from 'zod';

const jsonSchema = z.strictObject({ type: z.literal('json'), bytes: z.int().min(1) });
const streamSchema = z.strictObject({
  type: z.literal('stream'),
  /** The first at once, then one each interval. */
  chunks: z.int().min(2),
  intervalMs: z.int().min(1),
  /** Each chunk tells when it was written; see time-mark.ts. */
  isTimed: z.boolean().exactOptional(),
});

export const plainAnswerSchema = z.discriminatedUnion('type', [jsonSchema, streamSchema]);
/** What one kind of request is answered. */
export type PlainAnswer = z.output<typeof plainAnswerSchema>;

/** What the fake upstream answers from now on. */
export const answerSchema = z.discriminatedUnion('type', [
  jsonSchema,
  streamSchema,
  /** Two kinds of request at once, told apart by the size of their bodies as they arrive. */
  z.strictObject({
    type: z.literal('by-size'),
    largeBytes: z.int().min(1),
    small: plainAnswerSchema,
    large: plainAnswerSchema,
  }),
]);
export type Answer = z.output<typeof answerSchema>;

export const callsSchema = z.strictObject({
  total: z.int(),
  open: z.int(),
  aborted: z.int(),
  requestBytes: z.int(),
  /** Of the clock all processes of a machine share (`process.hrtime`); 0: none yet. */
  lastAbortAtUs: z.int(),
});
export type Calls = z.output<typeof callsSchema>;

export const CONTROL_PATH = '/control';
/** Answers the body of the last whole request, as it came. */
export const LAST_REQUEST_PATH = '/control/last-request';
export const MODEL = 'bench-model';
