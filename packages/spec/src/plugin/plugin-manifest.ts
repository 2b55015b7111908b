import { OPERATIONS } from '../operation.ts';
import {
  flag,
  integer,
  jsonObject,
  list,
  object,
  optional,
  record,
  text,
  type ValueOf,
  word,
} from './schema/json-schema.ts';

export const PLUGIN_NAME_PATTERN = '^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$';
const SEMVER = '^\\d{1,9}\\.\\d{1,9}\\.\\d{1,9}(-[0-9A-Za-z.-]{1,64})?(\\+[0-9A-Za-z.-]{1,64})?$';
/** Inside the folder: no root, no drive, no way up, no backslash. */
const INNER_PATH = '^(?!\\.{1,2}(/|$))[A-Za-z0-9_@.-][A-Za-z0-9_@. -]*(/(?!\\.{1,2}(/|$))[A-Za-z0-9_@. -]+)*$';

const name = text({
  pattern: PLUGIN_NAME_PATTERN,
  maxLength: 64,
  description: 'lower-case letters, digits and hyphens, 2 to 64 of them',
});
const version = text({ pattern: SEMVER, maxLength: 128, description: 'a semantic version such as 1.2.0' });
const innerPath = text({
  pattern: INNER_PATH,
  maxLength: 512,
  description: 'a path inside the plugin folder such as bin/backend.js, with / and without ..',
});
const id = text({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
  maxLength: 128,
  description: 'an id of letters, digits, ".", "_" and "-"',
});
const glob = text({ minLength: 1, maxLength: 200 });

export const PLUGIN_TYPES = ['oauth_provider', 'hook', 'protocol'] as const;
export const PLUGIN_RUNTIMES = ['node', 'binary'] as const;
export const NOTICE_STATUSES = ['ok', 'at_risk', 'restricted', 'retired'] as const;
export const MODEL_TIERS = ['mini', 'pro', 'max'] as const;
export const AUTH_CATEGORIES = ['oauth', 'api_key', 'token', 'file', 'other'] as const;
export const PLATFORMS = [
  'linux-x64',
  'linux-arm64',
  'macos-x64',
  'macos-arm64',
  'windows-x64',
  'windows-arm64',
] as const;

/** A way to log in or to give a credential. */
export const authTypeSchema = object({
  id,
  display_name: text({ minLength: 1, maxLength: 200 }),
  description: optional(text({ maxLength: 2000 })),
  category: optional(word(...AUTH_CATEGORIES)),
  /** Where the browser comes back to: the host listens there and tells `login.start` the address. */
  callback: optional(
    object({
      host: optional(word('127.0.0.1', 'localhost')),
      /** Tried in turn; 0 is any free one. */
      ports: list(integer({ minimum: 0, maximum: 65_535 }), { minItems: 1, maxItems: 16 }),
      path: text({ pattern: '^/[A-Za-z0-9/_.-]*$', maxLength: 200, description: 'a path that begins with /' }),
    }),
  ),
});

export const modelFamilySchema = object({
  name: text({ minLength: 1, maxLength: 100 }),
  /** A glob over model names. */
  pattern: glob,
  /** Families of one name are offered by size: a client may ask for `name-mini`, `name-pro` or `name-max`. */
  tier: optional(word(...MODEL_TIERS)),
});

export const providerSchema = object({
  id,
  display_name: text({ minLength: 1, maxLength: 200 }),
  /** The dialect the host turns requests into before the plugin sees them, for every model. */
  target_protocol: optional(id),
  /** Or by model: the first whose globs match. Goes before `target_protocol`. */
  target_protocol_rules: optional(
    list(object({ models: list(glob, { minItems: 1, maxItems: 200 }), protocol: id }), { maxItems: 100 }),
  ),
  supported_models: list(glob, { minItems: 1, maxItems: 1000 }),
  /** What it can be asked for. Absent: chat alone. */
  operations: optional(list(word(...OPERATIONS), { minItems: 1, maxItems: 32 })),
  model_families: optional(list(modelFamilySchema, { maxItems: 200 })),
  auth_types: list(authTypeSchema, { minItems: 1, maxItems: 32 }),
  /** JSON Schema of the form, by auth type. */
  credential_schema: optional(record(jsonObject())),
  notice: optional(
    object({
      status: word(...NOTICE_STATUSES),
      text: text({ minLength: 1, maxLength: 4000 }),
      since: optional(text({ maxLength: 40 })),
      source: optional(text({ maxLength: 2000 })),
    }),
  ),
});

const keychainItemSchema = object({
  service: text({ minLength: 1, maxLength: 200 }),
  account: optional(text({ minLength: 1, maxLength: 200 })),
});

export const pluginUiSchema = object({
  surfaces: list(text({ minLength: 1, maxLength: 64 }), { maxItems: 16 }),
  icon: optional(text({ maxLength: 100 })),
  title: optional(text({ maxLength: 200 })),
  entry: optional(innerPath),
  styles: optional(innerPath),
  default_width: optional(integer({ minimum: 1, maximum: 10_000 })),
  default_height: optional(integer({ minimum: 1, maximum: 10_000 })),
  permissions: optional(list(text({ minLength: 1, maxLength: 64 }), { maxItems: 64 })),
});

/** `plugin.json` in its full form. `parsePluginManifest` of the host also takes the older, shorter one. */
export const pluginManifestSchema = object({
  name,
  version,
  description: optional(text({ maxLength: 4000 })),
  author: optional(text({ maxLength: 400 })),
  homepage: optional(text({ maxLength: 2000 })),
  license: optional(text({ maxLength: 100 })),
  plugin_type: word(...PLUGIN_TYPES),
  /** `node`: a JavaScript module. `binary`: an executable. Absent only in plugins of type `protocol`, which are data. */
  entry: optional(innerPath),
  runtime: optional(word(...PLUGIN_RUNTIMES)),
  min_proxycast_version: optional(version),
  contract_version: integer({ minimum: 1, maximum: 1_000_000 }),
  provider: optional(providerSchema),
  /** JSON Schema of `settings`. */
  config_schema: optional(jsonObject()),
  /** Hosts it may reach: `api.example.com`, `*.example.com` (any depth), `oidc.*.example.com` (one label), with `:port` where it is not 443. */
  network: optional(list(text({ minLength: 1, maxLength: 260 }), { maxItems: 200 })),
  /** Files outside its folder that it may ask the host to read: `~/…`, `$XDG_DATA_HOME/…`, `%APPDATA%/…`; `*` inside the last name. */
  files: optional(list(text({ minLength: 1, maxLength: 1000 }), { maxItems: 100 })),
  keychain: optional(list(keychainItemSchema, { maxItems: 32 })),
  binary: optional(
    object({
      binary_name: text({ minLength: 1, maxLength: 200 }),
      github_owner: optional(text({ maxLength: 100 })),
      github_repo: optional(text({ maxLength: 100 })),
      platform_binaries: optional(record(text({ minLength: 1, maxLength: 200 }))),
      checksum_file: optional(innerPath),
    }),
  ),
  ui: optional(pluginUiSchema),
  /** Of a `protocol` plugin: the variant of a dialect, as data. */
  protocol: optional(jsonObject()),
  hook: optional(
    object({
      /** Lower first. */
      order: optional(integer()),
      stops_requests: optional(flag()),
    }),
  ),
});

export type PluginManifest = ValueOf<typeof pluginManifestSchema>;
export type PluginProviderManifest = ValueOf<typeof providerSchema>;
export type PluginAuthType = ValueOf<typeof authTypeSchema>;
export type PluginModelFamily = ValueOf<typeof modelFamilySchema>;
export type PluginType = (typeof PLUGIN_TYPES)[number];
export type PluginRuntime = (typeof PLUGIN_RUNTIMES)[number];
export type ModelTier = (typeof MODEL_TIERS)[number];
export type PluginPlatform = (typeof PLATFORMS)[number];
