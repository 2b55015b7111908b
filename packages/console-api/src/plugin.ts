import { z } from 'zod';
import { epochMsField, idField, labelField } from './fields.ts';
import { listSchemaOf } from './list.ts';

export const pluginNameField = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/, {
  error: 'A plugin’s name has lower-case letters, digits and hyphens, 2 to 64 of them.',
});

const keychainItem = z.strictObject({ service: z.string(), account: z.string().exactOptional() });

const asked = z.strictObject({
  network: z.array(z.string()),
  files: z.array(z.string()),
  keychain: z.array(keychainItem),
});

const notice = z.strictObject({
  status: z.enum(['ok', 'at_risk', 'restricted', 'retired']),
  text: z.string(),
  since: z.string().nullable(),
  source: z.string().nullable(),
});

const state = z.strictObject({
  type: z.enum(['not_installed', 'faulty', 'disabled', 'starting', 'running', 'resting', 'stopping', 'failed']),
  reason: z.string().nullable().meta({ description: 'Why it does not run, and what to do.' }),
  until: epochMsField.nullable().meta({ description: 'When one that ended by itself is started again.' }),
  crashes: z.int().min(0).meta({ description: 'Ends of its process that nobody asked for, since the server started.' }),
});

const authType = z.strictObject({
  id: z.string(),
  display_name: z.string(),
  description: z.string().nullable(),
  category: z.string().nullable(),
  schema: z.record(z.string(), z.unknown()).nullable().meta({ description: 'JSON Schema of its form.' }),
});

export const pluginSchema = z.strictObject({
  name: z.string(),
  display_name: z.string(),
  version: z.string().nullable(),
  description: z.string().nullable(),
  plugin_type: z.string().nullable(),
  enabled: z.boolean(),
  state,
  provider: z
    .strictObject({
      id: z.string(),
      display_name: z.string(),
      supported_models: z.array(z.string()),
      auth_types: z.array(authType),
      notice: notice.nullable(),
    })
    .nullable(),
  asks: asked.nullable().meta({ description: 'What its manifest asks for.' }),
  consent: asked.nullable().meta({ description: 'What was consented to at its install.' }),
  config_schema: z.record(z.string(), z.unknown()).nullable(),
  source: z.record(z.string(), z.string()).nullable(),
  created_at: epochMsField.nullable(),
  updated_at: epochMsField.nullable(),
});
export type PluginAnswer = z.output<typeof pluginSchema>;

const protections = z.enum(['files', 'links', 'writes', 'network', 'processes', 'signals', 'sqlite', 'environment']);

export const pluginListSchema = listSchemaOf(pluginSchema);

export const boundaryAnswerSchema = z.strictObject({
  outer: z.strictObject({
    type: z.string(),
    version: z.string().nullable(),
    why: z.string().nullable().meta({ description: 'Why there is none.' }),
  }),
  protections: z.record(
    protections,
    z.strictObject({ runtime: z.enum(['holds', 'open']), outer: z.enum(['holds', 'open', 'absent']) }),
  ),
  open: z.array(protections).meta({ description: 'What nothing holds back on this machine.' }),
});

export type BoundaryAnswer = z.output<typeof boundaryAnswerSchema>;

export const pluginVerificationSchema = z.strictObject({
  ok: z.boolean(),
  faults: z.array(z.strictObject({ path: z.string(), code: z.string() })),
});

const sourceField = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('file'),
    path: z.string().min(1).max(4000).meta({
      description: 'Absolute path of a plugin’s folder or of its plugin.json, on the machine that runs ProxyCast.',
    }),
  }),
]);

export const pluginInspectSchema = z.strictObject({ source: sourceField });

export const pluginInspectionSchema = z.strictObject({
  name: z.string(),
  version: z.string(),
  description: z.string().nullable(),
  author: z.string().nullable(),
  plugin_type: z.string(),
  runtime: z.string().nullable(),
  notice: notice.nullable(),
  asks: asked,
  replaces: z.string().nullable().meta({ description: 'Version of the one that is installed and would go.' }),
});
export type PluginInspection = z.output<typeof pluginInspectionSchema>;

export const pluginInstallSchema = z.strictObject({
  source: sourceField,
  consent: z.union([z.boolean(), asked]).exactOptional().meta({
    description:
      'Yes to what was shown, as /plugins/inspect answered it, or true to whatever the manifest asks for. Without it, and where the manifest asks for more, the answer is 409 and says what that is.',
  }),
});
export type PluginConsent = NonNullable<z.output<typeof pluginInstallSchema>['consent']>;
export type PluginInstall = z.input<typeof pluginInstallSchema>;

const settings = z.record(z.string(), z.unknown());

export const pluginConfigAnswerSchema = z.strictObject({
  enabled: z.boolean(),
  timeout_ms: z.int(),
  settings,
});

export type PluginConfigAnswer = z.output<typeof pluginConfigAnswerSchema>;

export const pluginConfigPutSchema = z.strictObject({
  timeout_ms: z.int().min(1000).max(600_000).exactOptional(),
  settings: settings.exactOptional(),
});

export const pluginCredentialSchema = z.strictObject({
  id: idField,
  plugin: z.string(),
  auth_type: z.string(),
  name: z.string().nullable(),
  identity: z
    .strictObject({ account: z.string().nullable(), plan: z.string().nullable(), label: z.string().nullable() })
    .nullable()
    .meta({ description: 'Whose login it is, as the plugin found out.' }),
  enabled: z.boolean(),
  weight: z.int().nullable(),
  state: z.strictObject({
    type: z.enum(['active', 'cooldown', 'unhealthy', 'disabled', 'needs_login', 'suspended']),
    until: epochMsField.nullable(),
    reason: z.string().nullable().meta({ description: 'In a sentence; of a suspension, in the vendor’s own words.' }),
  }),
  expires_at: epochMsField.nullable().meta({ description: 'Of its access token.' }),
  created_at: epochMsField,
  updated_at: epochMsField,
});
export type PluginCredentialAnswer = z.output<typeof pluginCredentialSchema>;

export const pluginCredentialListSchema = listSchemaOf(pluginCredentialSchema);

export const pluginCredentialCreateSchema = z.strictObject({
  auth_type: z.string().min(1).max(128),
  config: z.record(z.string(), z.unknown()).meta({ description: 'The fields of the auth type’s form.' }),
  name: labelField.exactOptional(),
});

export const pluginCredentialPatchSchema = z.strictObject({
  name: labelField.nullable().exactOptional(),
  weight: z.int().min(0).max(1000).nullable().exactOptional(),
});

export const pluginCredentialCheckSchema = z.strictObject({
  ok: z.boolean(),
  message: z.string().nullable(),
});
