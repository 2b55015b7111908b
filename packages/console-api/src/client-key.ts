import { z } from 'zod';
import { defaultParametersField, epochMsField, idField, labelField, modelPatternField } from './fields.ts';
import { listSchemaOf } from './list.ts';

const allowedModels = z.array(modelPatternField).min(1).max(500).nullable().meta({
  description: 'Globs over model names as clients send them; null allows all.',
});
const allowedProviders = z.array(idField).min(1).max(500).nullable().meta({
  description: 'Provider ids; null allows all.',
});

export const clientKeySchema = z.strictObject({
  id: idField,
  name: z.string(),
  prefix: z.string().meta({ description: 'The first characters of the key, to tell keys apart.' }),
  created_at: epochMsField,
  updated_at: epochMsField,
  revoked_at: epochMsField.nullable(),
  expires_at: epochMsField.nullable(),
  allowed_models: allowedModels,
  allowed_providers: allowedProviders,
  default_parameters: defaultParametersField.nullable(),
});
export type ClientKeyAnswer = z.output<typeof clientKeySchema>;

export const clientKeyListSchema = listSchemaOf(clientKeySchema);

export const createdClientKeySchema = z.strictObject({
  ...clientKeySchema.shape,
  key: z.string().meta({ description: 'The key itself. Shown only in this answer.' }),
});
export type CreatedClientKeyAnswer = z.output<typeof createdClientKeySchema>;

export const clientKeyCreateSchema = z.strictObject({
  name: labelField.exactOptional(),
  expires_at: epochMsField.nullable().exactOptional(),
  allowed_models: allowedModels.exactOptional(),
  allowed_providers: allowedProviders.exactOptional(),
  default_parameters: defaultParametersField.nullable().exactOptional(),
});
export type ClientKeyCreate = z.input<typeof clientKeyCreateSchema>;

export const clientKeyPatchSchema = z.strictObject({
  ...clientKeyCreateSchema.shape,
  revoked: z
    .literal(true, { error: 'Only true: a revoked key stays revoked. Create another one.' })
    .exactOptional()
    .meta({ description: 'true ends the key for good.' }),
});
export type ClientKeyPatch = z.input<typeof clientKeyPatchSchema>;
