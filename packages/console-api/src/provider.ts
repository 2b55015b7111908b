import { CREDENTIAL_CHOICES } from '@proxycast/spec';
import { z } from 'zod';
import {
  authHeaderField,
  authPrefixField,
  chosenIdField,
  epochMsField,
  extraHeadersField,
  idField,
  labelField,
  modelPatternField,
} from './fields.ts';
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

const keyChoice = z.enum(CREDENTIAL_CHOICES).nullable().meta({
  description: 'How one of several keys is chosen; null means round_robin.',
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
  auth_header: z.string().nullable().meta({ description: 'The header that carries the key; "none": no key is sent.' }),
  auth_prefix: z.string().nullable().meta({ description: 'What stands before the key.' }),
  extra_headers: z.record(z.string(), z.string()).nullable().meta({ description: 'Sent with every call.' }),
  key_choice: keyChoice,
  preset_host: z
    .string()
    .nullable()
    .meta({ description: 'The preset’s own host: as long as it is also api_host, the row follows the preset.' }),
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
  auth_header: authHeaderField,
  auth_prefix: authPrefixField,
  extra_headers: extraHeadersField,
  key_choice: keyChoice,
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
  auth_header: authHeaderField.exactOptional(),
  auth_prefix: authPrefixField.exactOptional(),
  extra_headers: extraHeadersField.exactOptional(),
  key_choice: keyChoice.exactOptional(),
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
  results: z
    .array(
      z.strictObject({
        key_id: z.string().nullable().meta({ description: 'Null where the provider was asked without a key.' }),
        ok: z.boolean(),
        code: z.string().meta({ description: '"valid", or what is wrong; stable, for programs.' }),
        message: z.string().meta({ description: 'What was found, and what to do.' }),
        latency_ms: z.number().min(0),
        status: z.int().nullable(),
        model: z.string().nullable().meta({ description: 'The model that was asked, where the test needed one.' }),
      }),
    )
    .meta({ description: 'One for each key of the provider, disabled ones too; `ok` above speaks of those in use.' }),
});
export type ProviderTestAnswer = z.output<typeof providerTestSchema>;

export const providerModelSchema = z.strictObject({
  id: z.string(),
  owned_by: z.string().nullable(),
  is_live: z.boolean().meta({ description: 'The provider’s own list has it now.' }),
  is_stored: z.boolean().meta({ description: 'It is in the models a person listed, or in the preset’s.' }),
});
export type ProviderModelAnswer = z.output<typeof providerModelSchema>;

export const providerModelListSchema = listSchemaOf(providerModelSchema);
