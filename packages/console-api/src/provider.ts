import { z } from 'zod';
import { chosenIdField, epochMsField, idField, labelField, modelPatternField } from './fields.ts';
import { listSchemaOf } from './list.ts';

/** Columns that only some types take. */
export const PROVIDER_EXTRA_FIELDS = ['api_version', 'project', 'location', 'region'] as const;
export type ProviderExtraField = (typeof PROVIDER_EXTRA_FIELDS)[number];

const extraField = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9._:-]+$/, { error: 'Letters, digits, ".", "_", ":" or "-".' })
  .nullable();
const models = z.array(modelPatternField).max(1000).nullable().meta({
  description: 'Model ids; null means those of the preset.',
});

export const providerSchema = z.strictObject({
  id: idField,
  name: z.string(),
  type: z.string(),
  api_host: z.string(),
  is_system: z.boolean().meta({ description: 'Came with ProxyCast: may be changed and disabled, not deleted.' }),
  group_name: z.string(),
  enabled: z.boolean(),
  sort_order: z.int(),
  api_version: z.string().nullable(),
  project: z.string().nullable(),
  location: z.string().nullable(),
  region: z.string().nullable(),
  models: z.array(z.string()).nullable().meta({ description: 'Model ids a person listed; null means the preset’s.' }),
  created_at: epochMsField,
  updated_at: epochMsField,
});
export type ProviderAnswer = z.output<typeof providerSchema>;

export const providerListSchema = listSchemaOf(providerSchema);

const providerFields = {
  name: labelField,
  type: z.string().min(1).max(50),
  api_host: z.string().trim().max(500).meta({
    description:
      'http or https address. Ends with "/" or "#": nothing is appended. May be empty where the type needs none.',
  }),
  enabled: z.boolean(),
  group_name: labelField,
  sort_order: z.int().min(0).max(1_000_000),
  api_version: extraField,
  project: extraField,
  location: extraField,
  region: extraField,
  models,
};

export const providerPatchSchema = z.strictObject({
  name: providerFields.name.exactOptional(),
  type: providerFields.type.exactOptional(),
  api_host: providerFields.api_host.exactOptional(),
  enabled: providerFields.enabled.exactOptional(),
  group_name: providerFields.group_name.exactOptional(),
  sort_order: providerFields.sort_order.exactOptional(),
  api_version: extraField.exactOptional(),
  project: extraField.exactOptional(),
  location: extraField.exactOptional(),
  region: extraField.exactOptional(),
  models: models.exactOptional(),
});
export type ProviderPatch = z.input<typeof providerPatchSchema>;

export const providerCreateSchema = z.strictObject({
  ...providerPatchSchema.shape,
  id: chosenIdField.exactOptional().meta({ description: 'Absent: "custom-" and a random id.' }),
  name: providerFields.name,
  type: providerFields.type,
});
export type ProviderCreate = z.input<typeof providerCreateSchema>;

export const providerTestSchema = z.strictObject({
  ok: z.boolean(),
  latency_ms: z.number().min(0),
  model: z.string().nullable().meta({ description: 'The model that was asked, where the test needed one.' }),
  status: z.int().nullable().meta({ description: 'HTTP status of the upstream; null when there was no answer.' }),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
export type ProviderTestAnswer = z.output<typeof providerTestSchema>;

export const providerModelSchema = z.strictObject({ id: z.string(), owned_by: z.string().nullable() });
export type ProviderModelAnswer = z.output<typeof providerModelSchema>;

export const providerModelListSchema = listSchemaOf(providerModelSchema);
