import {
  type Credential,
  InvalidRequestError,
  type Provider,
  type ProviderRecord,
  parseCredentialId,
  Secret,
} from '@proxycast/spec';
import { fillPreset } from './fill-preset.ts';
import { keyHeadersOf } from './key-headers.ts';
import { normaliseHost } from './normalise-host.ts';
import type { Preset } from './preset.ts';
import type { ProviderCalls, ProviderCallTools } from './provider-type.ts';
import { PROVIDER_TYPES } from './provider-types.ts';
import { withExtraHeaders } from './with-extra-headers.ts';
import { withoutClientFields } from './without-client-fields.ts';

export interface ApiKeyProviderParts {
  readonly record: ProviderRecord;
  /** The preset of the same id, if there is one. */
  readonly preset?: Preset;
  readonly credentials: readonly Credential[];
  readonly tools?: ProviderCallTools;
}

/** The calls of a provider row. Throws InvalidRequestError when its type is unknown or its host is no URL. */
export function createProviderCalls({
  record,
  preset,
  tools,
}: Omit<ApiKeyProviderParts, 'credentials'>): ProviderCalls {
  const type = PROVIDER_TYPES.get(record.type);
  if (type === undefined) {
    throw new InvalidRequestError({
      code: 'provider_type_unknown',
      message: `The provider ${record.id} has the type ${JSON.stringify(record.type)}. Known: ${[...PROVIDER_TYPES.keys()].join(', ')}.`,
      field: 'type',
    });
  }
  const filled = preset === undefined || preset.type !== record.type ? undefined : fillPreset(preset, record.apiHost);
  let base: string;
  try {
    base = filled?.apiHost ?? normaliseHost(record.apiHost, type.host);
    // A host that still holds a {field} of the preset is not complete.
    if (type.isHostOptional === true) base = base.includes('{') ? '' : base;
    else if (base === '' || base.includes('{') || base.includes('%7B'))
      throw new TypeError('The host is not filled in.');
  } catch (cause) {
    throw new InvalidRequestError({
      code: 'provider_host_invalid',
      message: `The api_host of ${record.id} is no complete address. It looks like https://api.example.com/v1.`,
      field: 'api_host',
      cause,
    });
  }
  const auth = keyHeadersOf(record);
  const calls = type.createCalls({
    record,
    base,
    ...(filled === undefined ? {} : { preset: filled }),
    ...(tools === undefined ? {} : { tools }),
    ...(auth === undefined ? {} : { auth }),
  });
  return withoutClientFields(withExtraHeaders(calls, record));
}

/** A provider as the gateway knows it, from its row, its preset and its enabled keys. */
export function createApiKeyProvider(parts: ApiKeyProviderParts): Provider {
  const { record, preset, credentials } = parts;
  const calls = createProviderCalls(parts);
  return {
    id: record.id,
    displayName: record.name,
    models: record.models ?? preset?.models ?? [],
    protocolsFor: calls.protocolsFor,
    ...(calls.keepsAnswers === true ? { keepsAnswers: true } : {}),
    transport: {
      type: 'http',
      credentials: credentials.length === 0 && isKeyOptional(record, preset) ? [keyless(record)] : credentials,
      ...(record.keyChoice === undefined ? {} : { choice: record.keyChoice }),
      prepare: calls.prepare,
      ...(calls.authorize === undefined ? {} : { authorize: calls.authorize }),
      ...(calls.forget === undefined ? {} : { forget: calls.forget }),
    },
  };
}

/** Whether a provider is of use before it has a key: by its type, by its preset's word, or because it sends none. */
export function isKeyOptional(
  { type, authHeader }: Pick<ProviderRecord, 'type' | 'authHeader'>,
  preset: Preset | undefined,
): boolean {
  return authHeader === 'none' || preset?.isKeyOptional === true || PROVIDER_TYPES.get(type)?.isKeyOptional === true;
}

/** Stands for "no key", so that health and choice work as they do with one. */
function keyless({ id }: ProviderRecord): Credential {
  return { id: parseCredentialId(`${id}:no-key`), label: 'no key', secret: new Secret('') };
}
