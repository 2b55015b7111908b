import { z } from 'zod';

/** Every fault of the admin API. `code` is for programs and stable, `message` is for people. */
export const problemSchema = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    field: z
      .string()
      .exactOptional()
      .meta({ description: 'The wrong field as it was sent, with dots between levels.' }),
  }),
});
export type Problem = z.output<typeof problemSchema>;
