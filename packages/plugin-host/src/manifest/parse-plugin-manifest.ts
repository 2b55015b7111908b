import {
  findSchemaFaults,
  PLATFORMS,
  type PluginManifest,
  type PluginPlatform,
  type PluginProviderManifest,
  pluginManifestSchema,
  readSchema,
  SUPPORTED_CONTRACT_VERSIONS,
} from '@proxycast/spec/plugin';
import { matchGlob } from '../registry/match-glob.ts';
import { compareVersions } from './compare-versions.ts';
import { findFilePatternFault } from './file-pattern.ts';
import { parseHostPattern } from './host-pattern.ts';
import { normaliseShortManifest } from './normalise-short-manifest.ts';

export interface ManifestFault {
  /** The field, dotted; empty for the file itself. */
  readonly field: string;
  /** What is wrong and what has to be there. */
  readonly message: string;
}

export type ManifestReading =
  | { readonly type: 'valid'; readonly manifest: PluginManifest; readonly warnings: readonly ManifestFault[] }
  /** All that is wrong, at once. */
  | { readonly type: 'invalid'; readonly faults: readonly ManifestFault[] };

export interface ManifestContext {
  readonly hostVersion: string;
  /** This machine's; `undefined` where it is none a plugin can be built for. */
  readonly platform: PluginPlatform | undefined;
}

/** What helps with a field, after what is wrong with it. By the last name of the field's path. */
const REMEDIES: Readonly<Record<string, string>> = {
  name: 'It is also the name of its folder, for example "sample-provider".',
  version: 'Write a semantic version, for example "1.2.0".',
  plugin_type: 'Most are "oauth_provider".',
  entry: 'Name the file that is started, for example "bin/backend.js".',
  runtime: 'Write "node" for a JavaScript module or "binary" for an executable.',
  contract_version: `Write ${SUPPORTED_CONTRACT_VERSIONS.join(' or ')}.`,
  provider: 'A plugin of type oauth_provider describes its provider there.',
  supported_models: 'List model names or globs, for example ["claude-*"].',
  auth_types: 'Name at least one way to log in: [{ "id": "oauth", "display_name": "OAuth" }].',
  target_protocol: 'Name the dialect that requests are turned into, for example "anthropic".',
  display_name: 'It is what people read.',
};

/** Parses `plugin.json`, in its full form or the older, shorter one, into the full one. Reads nothing but its argument. */
export function parsePluginManifest(text: string, context: ManifestContext): ManifestReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const where = cause instanceof Error ? ` (${cause.message})` : '';
    return invalid([
      { field: '', message: `plugin.json is no JSON${where}. Correct it, or install the plugin again.` },
    ]);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return invalid([{ field: '', message: 'plugin.json has to be a JSON object.' }]);
  }
  const tooNew = findContractFault(json);
  if (tooNew !== undefined) return invalid([tooNew]);
  const reading = readSchema(pluginManifestSchema, normaliseShortManifest({ ...json }));
  if (reading.type === 'invalid') {
    return invalid(
      reading.faults.map(({ path, message }) => ({ field: path, message: `${message}. ${remedyOf(path)}`.trim() })),
    );
  }
  const manifest = reading.value;
  const faults = [...findFaults(manifest, context)];
  return faults.length > 0 ? invalid(faults) : { type: 'valid', manifest, warnings: findWarnings(json) };
}

const invalid = (faults: readonly ManifestFault[]): ManifestReading => ({ type: 'invalid', faults });

const remedyOf = (path: string): string =>
  REMEDIES[path.split('.').findLast((name) => !/^\d+$/.test(name)) ?? ''] ?? '';

/** Before anything else: of a newer contract the other fields may mean something else. */
function findContractFault(json: object): ManifestFault | undefined {
  const version: unknown = 'contract_version' in json ? json.contract_version : undefined;
  const newest = Math.max(...SUPPORTED_CONTRACT_VERSIONS);
  if (typeof version !== 'number' || version <= newest) return undefined;
  return {
    field: 'contract_version',
    message: `This plugin needs version ${version} of the plugin contract; this ProxyCast has ${newest}. Update ProxyCast, or install an older version of the plugin.`,
  };
}

function* findFaults(manifest: PluginManifest, { hostVersion, platform }: ManifestContext): Generator<ManifestFault> {
  const { plugin_type: type, entry, runtime, provider, min_proxycast_version: minVersion, binary } = manifest;
  if (minVersion !== undefined && compareVersions(hostVersion, minVersion) < 0) {
    yield {
      field: 'min_proxycast_version',
      message: `This plugin needs ProxyCast ${minVersion}; this is ${hostVersion}. Update ProxyCast, or install an older version of the plugin.`,
    };
  }
  if (type !== 'protocol' && entry === undefined) yield { field: 'entry', message: `is missing. ${REMEDIES['entry']}` };
  if (type !== 'protocol' && runtime === undefined) {
    yield { field: 'runtime', message: `is missing. ${REMEDIES['runtime']}` };
  }
  if (type === 'protocol' && manifest.protocol === undefined) {
    yield {
      field: 'protocol',
      message: 'is missing. A plugin of type protocol describes its variant of a dialect there.',
    };
  }
  if (type === 'oauth_provider' && provider === undefined) {
    yield { field: 'provider', message: `is missing. ${REMEDIES['provider']}` };
  }
  if (provider !== undefined) yield* findProviderFaults(provider);
  for (const [index, host] of (manifest.network ?? []).entries()) {
    const parsed = parseHostPattern(host);
    if (typeof parsed === 'string') yield { field: `network.${index}`, message: `${parsed}. It is ${quote(host)}.` };
  }
  for (const [index, file] of (manifest.files ?? []).entries()) {
    const fault = findFilePatternFault(file);
    if (fault !== undefined) yield { field: `files.${index}`, message: `${fault}. It is ${quote(file)}.` };
  }
  const offered = binary?.platform_binaries;
  if (offered !== undefined) yield* findPlatformFaults(offered, platform);
}

function* findPlatformFaults(
  offered: Readonly<Record<string, string>>,
  platform: PluginPlatform | undefined,
): Generator<ManifestFault> {
  const field = 'binary.platform_binaries';
  for (const name of Object.keys(offered)) {
    if (!PLATFORMS.some((one) => one === name)) {
      yield { field: `${field}.${name}`, message: `is no platform. There are ${PLATFORMS.join(', ')}.` };
    }
  }
  if (platform === undefined || offered[platform] === undefined) {
    yield {
      field,
      message: `This plugin is not offered for ${platform ?? 'this system'}, only for ${Object.keys(offered).join(', ')}. Ask its author, or use another machine.`,
    };
  }
}

function* findProviderFaults(provider: PluginProviderManifest): Generator<ManifestFault> {
  const { target_protocol: protocol, target_protocol_rules: rules = [], supported_models: models } = provider;
  if (protocol === undefined) {
    if (rules.length === 0) {
      yield { field: 'provider.target_protocol', message: `is missing. ${REMEDIES['target_protocol']}` };
    }
    // A pattern that no rule names literally or matches has models of which nobody knows what they speak.
    const bare =
      rules.length === 0
        ? []
        : models.filter(
            (model) => !rules.some((rule) => rule.models.some((one) => one === model || matchGlob(one, model))),
          );
    for (const model of bare) {
      yield {
        field: 'provider.target_protocol_rules',
        message: `has no rule for ${quote(model)}. Add one, or a target_protocol for the rest.`,
      };
    }
  }
  const ids = provider.auth_types.map(({ id }) => id);
  for (const [index, id] of ids.entries()) {
    if (ids.indexOf(id) !== index) {
      yield { field: `provider.auth_types.${index}.id`, message: `is ${quote(id)} a second time. Give each its own.` };
    }
  }
  for (const [id, schema] of Object.entries(provider.credential_schema ?? {})) {
    const field = `provider.credential_schema.${id}`;
    if (!ids.includes(id)) yield { field, message: `is for no auth type. There are ${ids.join(', ')}.` };
    if (findSchemaFaults({ type: 'object', properties: { properties: { type: 'object' } } }, schema).length > 0) {
      yield { field: `${field}.properties`, message: 'must be an object with a JSON Schema for each field.' };
    }
  }
}

/** Fields nobody reads: most often a word written wrong. */
function findWarnings(json: object): readonly ManifestFault[] {
  const known = [...Object.keys(pluginManifestSchema.properties ?? {}), '$schema'];
  return Object.keys(json)
    .filter((name) => !known.includes(name))
    .map((name) => ({ field: name.slice(0, 100), message: 'is not known and is not used.' }));
}

const quote = (text: string): string => JSON.stringify(text.slice(0, 100));
