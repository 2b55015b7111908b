type JsonObject = Readonly<Record<string, unknown>>;

/** The reverse of a file name's extension that Node runs. */
const JAVASCRIPT = /\.[cm]?js$/;
/** What short manifests meant before there was a version. */
const FIRST_CONTRACT = 1;

/**
 * The older, shorter form in the words of the full one: a single `provider.auth_type` with a flat `credential_schema`, an
 * `entry` without `runtime` that may be the bare name of a program in `bin`, no `contract_version`. What is already in the
 * full form stays as it is, and nothing is checked here.
 */
export function normaliseShortManifest(json: JsonObject): JsonObject {
  const normal: Record<string, unknown> = { ...json };
  if (normal['contract_version'] === undefined) normal['contract_version'] = FIRST_CONTRACT;
  const { entry, runtime, provider, ui } = json;
  if (typeof entry === 'string' && runtime === undefined) {
    normal['runtime'] = JAVASCRIPT.test(entry) ? 'node' : 'binary';
    if (!entry.includes('/')) normal['entry'] = `bin/${entry}`;
  }
  if (isObject(provider)) normal['provider'] = normaliseProvider(provider);
  if (isObject(ui) && ui['entry'] === undefined && ui['surfaces'] !== undefined) {
    normal['ui'] = { ...ui, entry: 'dist/index.js' };
  }
  return normal;
}

function normaliseProvider(provider: JsonObject): JsonObject {
  const { auth_type: authType, auth_types: authTypes, credential_schema: schema, ...rest } = provider;
  if (typeof authType !== 'string' || authTypes !== undefined) return provider;
  return {
    ...rest,
    auth_types: [{ id: authType, display_name: titleOf(authType), category: authType === 'oauth' ? 'oauth' : 'other' }],
    ...(schema === undefined ? {} : { credential_schema: isFlatSchema(schema) ? { [authType]: schema } : schema }),
  };
}

/** A schema itself, where the full form has one for each auth type. */
const isFlatSchema = (schema: unknown): boolean =>
  isObject(schema) && (typeof schema['type'] === 'string' || isObject(schema['properties']));

const titleOf = (id: string): string =>
  id
    .split(/[-_.]/)
    .map((part) => (part === 'oauth' ? 'OAuth' : part.charAt(0).toUpperCase() + part.slice(1)))
    .join(' ');

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
