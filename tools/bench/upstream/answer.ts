import { z } from 'zod';

/** What the fake upstream answers from now on. */
export const answerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('json'), bytes: z.int().min(1) }),
  /** The first chunk at once, then one each interval. */
  z.strictObject({ type: z.literal('stream'), chunks: z.int().min(2), intervalMs: z.int().min(1) }),
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
export const MODEL = 'bench-model';
