/** A free call of a vendor that only a good key gets an answer to. */
export interface PresetKeyCheck {
  /** After the host, or an absolute URL. */
  readonly path: string;
  readonly method: 'GET' | 'POST';
  /** The field of the answer that is false for a bad key, and the one that is false for an account without credit. */
  readonly validField?: string;
  readonly creditField?: string;
}

/** A vendor as `presets/api-key/providers.json` describes it; only what calling it needs. */
export interface Preset {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly group: string;
  readonly apiHost: string;
  /** Paths after the host, by endpoint; `null` where the vendor has none. Absolute URLs replace the host. */
  readonly paths: Readonly<Record<string, string | null>>;
  /** Base of the vendor's Anthropic endpoint, to which `/v1/messages` is appended. */
  readonly anthropicBase?: string;
  readonly hasResponses: boolean;
  /** Whether it keeps the responses it is asked to keep; absent where nothing is known. */
  readonly keepsResponses?: boolean;
  readonly auth?: { readonly header: string; readonly prefix: string };
  readonly models: readonly string[];
  readonly keyCheck?: PresetKeyCheck;
  /** The list of models answers without a key: it proves none. */
  readonly areModelsPublic?: boolean;
  /** A server on the person's own machine that asks for no key by itself. */
  readonly isKeyOptional?: boolean;
}

/** Reads the preset file. Throws a TypeError that names the row and field when the data has another shape. */
export function parsePresets(data: unknown): readonly Preset[] {
  if (!Array.isArray(data)) throw new TypeError('The preset file must hold an array.');
  return data.map((row: unknown, index) => parsePreset(row, index));
}

function parsePreset(value: unknown, index: number): Preset {
  const row = asRecord(value, `preset ${index}`);
  const id = asText(row['id'], `preset ${index}.id`);
  const auth = row['auth'] === null || row['auth'] === undefined ? undefined : asRecord(row['auth'], `${id}.auth`);
  const anthropicBase = row['anthropic_base'];
  return {
    id,
    name: asText(row['name'], `${id}.name`),
    type: asText(row['type'], `${id}.type`),
    group: asText(row['group'], `${id}.group`),
    apiHost: typeof row['api_host'] === 'string' ? row['api_host'] : '',
    paths: parsePaths(row['paths'], id),
    ...(typeof anthropicBase === 'string' ? { anthropicBase } : {}),
    hasResponses: row['responses_api'] === true,
    ...(typeof row['keeps_responses'] === 'boolean' ? { keepsResponses: row['keeps_responses'] } : {}),
    ...(auth === undefined
      ? {}
      : {
          auth: {
            header: asText(auth['header'], `${id}.auth.header`).toLowerCase(),
            prefix: typeof auth['prefix'] === 'string' ? auth['prefix'] : '',
          },
        }),
    ...(row['key_check'] === undefined
      ? {}
      : { keyCheck: parseKeyCheck(asRecord(row['key_check'], `${id}.key_check`), id) }),
    ...(row['models_public'] === true ? { areModelsPublic: true } : {}),
    ...(row['auth_optional'] === true ? { isKeyOptional: true } : {}),
    models: Array.isArray(row['models'])
      ? row['models'].map((model: unknown, at) =>
          asText(asRecord(model, `${id}.models`)['id'], `${id}.models.${at}.id`),
        )
      : [],
  };
}

function parseKeyCheck(value: Readonly<Record<string, unknown>>, id: string): PresetKeyCheck {
  const { method, valid, credit } = value;
  return {
    path: asText(value['path'], `${id}.key_check.path`),
    method: method === 'POST' ? 'POST' : 'GET',
    ...(typeof valid === 'string' ? { validField: valid } : {}),
    ...(typeof credit === 'string' ? { creditField: credit } : {}),
  };
}

function parsePaths(value: unknown, id: string): Readonly<Record<string, string | null>> {
  if (value === null || value === undefined) return {};
  return Object.fromEntries(
    Object.entries(asRecord(value, `${id}.paths`)).flatMap(([name, path]) =>
      typeof path === 'string' || path === null ? [[name, path]] : [],
    ),
  );
}

function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${where} must be an object.`);
  return Object.fromEntries(Object.entries(value));
}

function asText(value: unknown, where: string): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${where} must be a non-empty string.`);
  return value;
}
