import {
  InvalidRequestError,
  type Operation,
  type ProtocolId,
  parseProtocolId,
  type UpstreamCallInput,
} from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { addressOf } from '../endpoint-address.ts';
import type { ProviderCalls, ProviderCallsInput, ProviderType } from '../provider-type.ts';

const GEMINI = parseProtocolId('gemini');
const ONLY_GEMINI: readonly ProtocolId[] = [GEMINI];
const NONE: readonly ProtocolId[] = [];

function methodOf({ operation, isStream }: UpstreamCallInput): string | undefined {
  switch (operation) {
    case 'chat':
      return isStream ? 'streamGenerateContent' : 'generateContent';
    case 'count-tokens':
      return 'countTokens';
    case 'embeddings':
      return 'embedContent';
    case 'embeddings-batch':
      return 'batchEmbedContents';
    default:
      return undefined;
  }
}

const OPERATIONS: ReadonlySet<Operation> = new Set(['chat', 'count-tokens', 'embeddings', 'embeddings-batch']);

/** `models/x`, `tunedModels/x` and bare names are all accepted; each segment is encoded by itself. */
function resourceOf(model: string): string {
  const name = model.startsWith('models/') || model.startsWith('tunedModels/') ? model : `models/${model}`;
  return name.split('/').map(encodeURIComponent).join('/');
}

const typeAuth = (secret: string): readonly string[] => (secret === '' ? [] : ['x-goog-api-key', secret]);

export function createGeminiCalls({ record, base, auth = typeAuth }: ProviderCallsInput): ProviderCalls {
  const root = addressOf(base, '/v1beta/');
  return {
    protocolsFor: (operation) => (OPERATIONS.has(operation) ? ONLY_GEMINI : NONE),
    prepare(input) {
      const method = input.protocol === GEMINI ? methodOf(input) : undefined;
      if (method === undefined) {
        throw new InvalidRequestError({
          code: 'protocol_not_served',
          message: `${record.id} does not offer ${input.operation} in the dialect ${input.protocol}.`,
        });
      }
      return {
        origin: root.origin,
        path: `${root.path}${resourceOf(input.model)}:${method}${input.query}`,
        headers: auth(input.credential.secret.reveal()),
      };
    },
    modelLists: [
      {
        call: (secret, { cursor, limit = 1000 }) => ({
          ...addressOf(
            base,
            `/v1beta/models?pageSize=${limit}${cursor === undefined ? '' : `&pageToken=${encodeURIComponent(cursor)}`}`,
          ),
          headers: auth(secret),
        }),
        cursorOf: (answer) => textOf(answer['nextPageToken']),
      },
    ],
  };
}

export const geminiType: ProviderType = {
  type: 'gemini',
  host: { version: '' },
  extraFields: [],
  createCalls: createGeminiCalls,
};
