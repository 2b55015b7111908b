import {
  InvalidRequestError,
  type Operation,
  type ProtocolId,
  parseProtocolId,
  type UpstreamCallInput,
} from '@proxycast/spec';
import { addressOf } from '../endpoint-address.ts';
import type { ProviderCalls, ProviderCallsInput, ProviderType } from '../provider-type.ts';
import { createAnthropicCalls } from './anthropic.ts';

const OPENAI = parseProtocolId('openai');
const RESPONSES = parseProtocolId('responses');
const ANTHROPIC = parseProtocolId('anthropic');

const PATHS: ReadonlyMap<Operation, string> = new Map([
  ['chat', '/chat/completions'],
  ['embeddings', '/embeddings'],
  ['images-generate', '/images/generations'],
  ['images-edit', '/images/edits'],
  ['audio-speech', '/audio/speech'],
  ['audio-transcribe', '/audio/transcriptions'],
  ['audio-translate', '/audio/translations'],
]);

const RESPONSE_PATHS: ReadonlyMap<Operation, (id: string) => string> = new Map([
  ['chat', () => ''],
  ['count-tokens', () => '/input_tokens'],
  ['response-retrieve', (id: string) => `/${id}`],
  ['response-delete', (id: string) => `/${id}`],
  ['response-input-items', (id: string) => `/${id}/input_items`],
  ['response-cancel', (id: string) => `/${id}/cancel`],
  ['response-compact', () => '/compact'],
]);

/** A dated api-version asks for the classic form, whose deployment stands in the path (reference of the service, 2026-11). */
const DATED = /^\d{4}-\d{2}-\d{2}/;
/** Responses exist in the classic form since then. */
const FIRST_RESPONSES_VERSION = '2025-03-01';

/** A key, or a token of Entra ID, which is a JWT. */
const typeAuth = (secret: string): readonly string[] =>
  secret.startsWith('eyJ') && secret.split('.').length === 3
    ? ['authorization', `Bearer ${secret}`]
    : ['api-key', secret];

/**
 * Azure OpenAI in both of its forms: with a date as api_version the classic one (`/openai/deployments/{deployment}/…`), else
 * v1 (`/openai/v1/…`, the deployment in `model`). A key goes into `api-key`, an Entra ID token (a JWT) into `Authorization`.
 */
function createAzureCalls({ record, base, tools, auth: ownAuth }: ProviderCallsInput): ProviderCalls {
  const auth = ownAuth ?? typeAuth;
  const chat = tools?.variantOf?.('azure-openai') ?? OPENAI;
  const root = base.replace(/\/openai$/, '');
  const version = record.apiVersion ?? '';
  const isClassic = DATED.test(version);
  const servesResponses = !isClassic || version.slice(0, 10) >= FIRST_RESPONSES_VERSION;
  const query = isClassic
    ? `?api-version=${encodeURIComponent(version)}`
    : version === 'preview'
      ? '?api-version=preview'
      : '';
  const responses = isClassic ? '/openai/responses' : '/openai/v1/responses';

  const claude = createAnthropicCalls({
    record,
    base: claudeBaseOf(root),
    ...(ownAuth === undefined ? {} : { auth: ownAuth }),
  });

  const pathOf = ({ operation, protocol, model, resourceId }: UpstreamCallInput): string | undefined => {
    if (protocol === RESPONSES && servesResponses) {
      const path = RESPONSE_PATHS.get(operation);
      return path === undefined ? undefined : responses + path(encodeURIComponent(resourceId ?? ''));
    }
    const path = protocol === OPENAI || protocol === chat ? PATHS.get(operation) : undefined;
    if (path === undefined) return undefined;
    return isClassic ? `/openai/deployments/${encodeURIComponent(model)}${path}` : `/openai/v1${path}`;
  };

  return {
    protocolsFor: (operation, model): readonly ProtocolId[] => {
      if (model.includes('claude')) return claude.protocolsFor(operation, model);
      return [
        ...(PATHS.has(operation) ? [operation === 'chat' ? chat : OPENAI] : []),
        ...(servesResponses && RESPONSE_PATHS.has(operation) ? [RESPONSES] : []),
      ];
    },
    prepare(input) {
      if (input.protocol === ANTHROPIC) return claude.prepare(input);
      const path = pathOf(input);
      if (path === undefined) {
        throw new InvalidRequestError({
          code: 'protocol_not_served',
          message: `${record.id} does not offer ${input.operation} in the dialect ${input.protocol}.`,
        });
      }
      return {
        ...addressOf(root, path + joinQuery(query, input.query)),
        headers: auth(input.credential.secret.reveal()),
      };
    },
    keepsAnswers: servesResponses,
    // Base models of the resource; deployments cannot be listed with a key of the data plane.
    modelLists: [
      {
        call: (secret) => ({
          ...addressOf(root, isClassic ? `/openai/models${query}` : `/openai/v1/models${query}`),
          headers: auth(secret),
        }),
      },
    ],
    hasOwnModelNames: true,
  };
}

/** Claude models of a resource answer under another name of it, at `/anthropic` (reference of the service, 2026-11). */
function claudeBaseOf(root: string): string {
  const found = /^(https:\/\/[^./]+)\.(?:openai\.azure|cognitiveservices\.azure|services\.ai\.azure)\.com/.exec(root);
  return found === null ? `${root}/anthropic` : `${found[1]}.services.ai.azure.com/anthropic`;
}

const joinQuery = (own: string, client: string): string =>
  own === '' ? client : client === '' ? own : `${own}&${client.slice(1)}`;

export const azureOpenaiType: ProviderType = {
  type: 'azure-openai',
  host: { version: '' },
  extraFields: ['api_version'],
  createCalls: createAzureCalls,
};
