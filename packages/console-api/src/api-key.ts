import { z } from 'zod';
import { epochMsField, idField, labelField } from './fields.ts';
import { listSchemaOf } from './list.ts';

/** A key that is sent in a header: printable ASCII without spaces. A key that is a JSON document begins with "{". */
const secretField = z
  .string()
  .trim()
  .min(1)
  .max(16_384)
  .regex(/^(?:[\x21-\x7e]+|\{[\s\S]*\})$/, {
    error: 'A key has no spaces, line breaks or characters outside ASCII, unless it is a JSON document.',
  });

export const apiKeySchema = z.strictObject({
  id: idField,
  provider_id: idField,
  name: z.string().nullable(),
  hint: z.string().meta({ description: 'The last characters of the key. The key itself is never shown.' }),
  enabled: z.boolean(),
  usage_count: z.int(),
  error_count: z.int(),
  last_used_at: epochMsField.nullable(),
  created_at: epochMsField,
  updated_at: epochMsField,
});
export type ApiKeyAnswer = z.output<typeof apiKeySchema>;

export const apiKeyListSchema = listSchemaOf(apiKeySchema);

export const apiKeyCreateSchema = z.strictObject({ key: secretField, name: labelField.exactOptional() });
export type ApiKeyCreate = z.input<typeof apiKeyCreateSchema>;

export const apiKeyPatchSchema = z.strictObject({
  key: secretField.exactOptional(),
  name: labelField.nullable().exactOptional(),
  enabled: z.boolean().exactOptional(),
});
export type ApiKeyPatch = z.input<typeof apiKeyPatchSchema>;
