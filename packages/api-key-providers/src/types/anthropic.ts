import { InvalidRequestError, type Operation, type ProtocolId, parseProtocolId } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { addressOf } from '../endpoint-address.ts';
import type { ProviderCalls, ProviderCallsInput, ProviderType } from '../provider-type.ts';

const ANTHROPIC = parseProtocolId('anthropic');
const ONLY_ANTHROPIC: readonly ProtocolId[] = [ANTHROPIC];
const NONE: readonly ProtocolId[] = [];

/** Required on every call; what a client names itself goes before it (Anthropic API reference, seen 2026-11-23). */
const API_VERSION = ['anthropic-version', '2023-06-01'] as const;

const PATHS: readonly (readonly [Operation, string])[] = [
  ['chat', '/v1/messages'],
  ['count-tokens', '/v1/messages/count_tokens'],
];

export interface AnthropicCallsInput extends ProviderCallsInput {
  /** The makers' own API takes the key in x-api-key; hosts of the same shape elsewhere mostly take Bearer. */
  readonly usesBearer?: boolean;
  /** A variant of the dialect; absent: the dialect itself. */
  readonly protocol?: ProtocolId;
}

export function createAnthropicCalls(input: AnthropicCallsInput): ProviderCalls {
  const { record, base, preset, protocol: spoken = ANTHROPIC } = input;
  const usesBearer = input.usesBearer ?? (preset !== undefined && preset.type !== 'anthropic');
  const protocols = spoken === ANTHROPIC ? ONLY_ANTHROPIC : [spoken];
  const typeAuth = (secret: string): readonly string[] => {
    if (secret === '') return [];
    return usesBearer ? ['authorization', `Bearer ${secret}`] : ['x-api-key', secret];
  };
  const keyHeaders = input.auth ?? typeAuth;
  const auth = (secret: string): readonly string[] => [...keyHeaders(secret), ...API_VERSION];
  const addresses = new Map(PATHS.map(([operation, path]) => [operation, addressOf(base, path)]));

  return {
    protocolsFor: (operation) => (addresses.has(operation) ? protocols : NONE),
    prepare({ operation, protocol, query, credential }) {
      const address = protocol === spoken ? addresses.get(operation) : undefined;
      if (address === undefined) {
        throw new InvalidRequestError({
          code: 'protocol_not_served',
          message: `${record.id} does not offer ${operation} in the dialect ${protocol}.`,
        });
      }
      return { origin: address.origin, path: address.path + query, headers: auth(credential.secret.reveal()) };
    },
    modelLists: [
      {
        call: (secret, { cursor, limit = 1000 }) => ({
          ...addressOf(
            base,
            `/v1/models?limit=${limit}${cursor === undefined ? '' : `&after_id=${encodeURIComponent(cursor)}`}`,
          ),
          headers: auth(secret),
        }),
        cursorOf: (answer) => (answer['has_more'] === true ? textOf(answer['last_id']) : undefined),
      },
    ],
  };
}

export const anthropicType: ProviderType = {
  type: 'anthropic',
  host: { version: '' },
  extraFields: [],
  createCalls: createAnthropicCalls,
};
