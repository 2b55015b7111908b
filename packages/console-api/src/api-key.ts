import { z } from 'zod';
import { epochMsField, idField, labelField } from './fields.ts';
import { listSchemaOf } from './list.ts';

/** A key that is sent in a header: printable ASCII without spaces. A key that is a JSON document begins with "{". */
const secretField = z
  .string()
  .trim()
  .min(1)
  .max(16_384)
  .regex(/^(?:[\x21-\x7e]+(?:; [\x21-\x7e]+)*|\{[\s\S]*\})$/, {
    error:
      'A key has no spaces, line breaks or characters outside ASCII, unless it is a JSON document or several cookies.',
  });

const weight = z.int().min(0).max(1000).nullable().meta({
  description: 'Its share of the requests where key_choice is weighted; 0: only when no other is left; null means 1.',
});

const keyState = z.strictObject({
  type: z.enum(['active', 'cooldown', 'unhealthy']),
  until: epochMsField.nullable().meta({ description: 'When it is tried again; null when it is active.' }),
  cause: z.string().nullable().meta({ description: 'Kind of the failure that rests it.' }),
});

export const apiKeySchema = z.strictObject({
  id: idField,
  provider_id: idField,
  name: z.string().nullable(),
  hint: z.string().meta({ description: 'The last characters of the key. The key itself is never shown.' }),
  enabled: z.boolean(),
  weight: z.int().nullable().meta({ description: 'Null means 1.' }),
  state: keyState.meta({ description: 'Whether it may be used now; of this process, for all models.' }),
  resting_models: z
    .array(z.strictObject({ model: z.string(), until: epochMsField, cause: z.string() }))
    .meta({ description: 'Models for which it rests while it serves others.' }),
  usage_count: z.int(),
  error_count: z.int(),
  last_used_at: epochMsField.nullable(),
  created_at: epochMsField,
  updated_at: epochMsField,
});
export type ApiKeyAnswer = z.output<typeof apiKeySchema>;

export const apiKeyListSchema = listSchemaOf(apiKeySchema);

export const apiKeyCreateSchema = z.strictObject({
  key: secretField,
  name: labelField.exactOptional(),
  weight: weight.exactOptional(),
});
export type ApiKeyCreate = z.input<typeof apiKeyCreateSchema>;

export const apiKeyPatchSchema = z.strictObject({
  key: secretField.exactOptional(),
  name: labelField.nullable().exactOptional(),
  enabled: z.boolean().exactOptional(),
  weight: weight.exactOptional(),
});
export type ApiKeyPatch = z.input<typeof apiKeyPatchSchema>;
