import { z } from 'zod';
import { epochMsField } from './fields.ts';

const token = z.string().min(1).max(1024);

/** Exactly one of the two. */
export const sessionCreateSchema = z
  .strictObject({
    admin_token: token.exactOptional(),
    one_time_token: token.exactOptional().meta({ description: 'From the one-time link of the console.' }),
  })
  .refine((value) => (value.admin_token === undefined) !== (value.one_time_token === undefined), {
    error: 'Send either admin_token or one_time_token.',
  });
export type SessionCreate = z.input<typeof sessionCreateSchema>;

export const sessionSchema = z.strictObject({
  type: z
    .enum(['session', 'token'])
    .meta({ description: 'How this request proved who it is: cookie or bearer token.' }),
  csrf_token: z.string().nullable().meta({
    description:
      'Goes back in the header x-csrf-token with every request that changes something. Null with a bearer token.',
  }),
  expires_at: epochMsField.nullable(),
});
export type SessionAnswer = z.output<typeof sessionSchema>;
