import { ATTEMPT_OUTCOMES, FAULTS, OPERATIONS } from '@proxycast/spec';
import { z } from 'zod';
import { epochMsField, idField } from './fields.ts';
import { listSchemaOf } from './list.ts';

const tokens = z.number().min(0).nullable();

/** A row of the ledger: one attempt of one request. Null: not known. */
export const attemptSchema = z.strictObject({
  id: z.string(),
  request_id: z.string(),
  attempt: z.int().min(1),
  is_last: z.boolean(),
  started_at: epochMsField,
  client_key_id: z.string(),
  protocol: z.string(),
  operation: z.enum(OPERATIONS),
  provider_id: z.string(),
  credential_id: z.string().nullable(),
  model: z.string().meta({ description: 'As the client named it.' }),
  upstream_model: z.string(),
  is_stream: z.boolean(),
  outcome: z.enum(ATTEMPT_OUTCOMES),
  upstream_status: z.int().nullable(),
  error_code: z.string().nullable(),
  fault: z.enum(FAULTS).nullable(),
  usage: z
    .strictObject({ input: tokens, cache_read: tokens, cache_write: tokens, output: tokens, reasoning: tokens })
    .nullable(),
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  overhead_ms: z.number().nullable(),
  request_bytes: z.number(),
  answer_bytes: z.number(),
  cost_micro_usd: z.number().nullable().meta({ description: 'Millionths of a US dollar.' }),
  changed: z.string().nullable().meta({ description: 'What conversion changed of the request.' }),
});
export type AttemptAnswer = z.output<typeof attemptSchema>;

export const attemptListSchema = listSchemaOf(attemptSchema);

export const requestSchema = z.strictObject({
  request_id: z.string(),
  attempts: z.array(attemptSchema).meta({ description: 'In the order they were made.' }),
});
export type RequestAnswer = z.output<typeof requestSchema>;

const whenField = z.coerce.number().int().min(0);

export const requestQuerySchema = z.strictObject({
  client_key_id: idField.exactOptional(),
  provider_id: idField.exactOptional(),
  since: whenField
    .exactOptional()
    .meta({ description: 'Attempts that started at this time or later, in epoch milliseconds.' }),
  until: whenField
    .exactOptional()
    .meta({ description: 'Attempts that started before this time, in epoch milliseconds.' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(500).exactOptional().meta({ description: '`next_cursor` of the page before.' }),
});
export type RequestQuery = z.input<typeof requestQuerySchema>;
