import {
  InvalidRequestError,
  type Operation,
  type ProtocolId,
  parseProtocolId,
  type UpstreamCallInput,
} from '@proxycast/spec';
import { addressOf, type EndpointAddress } from '../endpoint-address.ts';
import type { Preset } from '../preset.ts';
import type {
  KeyCheck,
  KeyHeaders,
  ModelListing,
  ProviderCalls,
  ProviderCallsInput,
  ProviderType,
} from '../provider-type.ts';
import { createAnthropicCalls } from './anthropic.ts';

const OPENAI = parseProtocolId('openai');
const RESPONSES = parseProtocolId('responses');

/** Paths after the base by operation, and the name under which a preset may give another. */
const OPENAI_PATHS: readonly { readonly operation: Operation; readonly path: string; readonly presetName?: string }[] =
  [
    { operation: 'chat', path: '/chat/completions', presetName: 'chat' },
    { operation: 'embeddings', path: '/embeddings', presetName: 'embeddings' },
    { operation: 'images-generate', path: '/images/generations', presetName: 'images' },
    { operation: 'images-edit', path: '/images/edits' },
    { operation: 'images-vary', path: '/images/variations' },
    { operation: 'audio-speech', path: '/audio/speech' },
    { operation: 'audio-transcribe', path: '/audio/transcriptions' },
    { operation: 'audio-translate', path: '/audio/translations' },
    { operation: 'rerank', path: '/rerank', presetName: 'rerank' },
    { operation: 'moderate', path: '/moderations' },
  ];

const RESPONSES_OPERATIONS: ReadonlySet<Operation> = new Set([
  'chat',
  'count-tokens',
  'response-retrieve',
  'response-delete',
  'response-input-items',
  'response-cancel',
  'response-compact',
]);

function responsesPath({ operation, resourceId }: UpstreamCallInput): string {
  const id = encodeURIComponent(resourceId ?? '');
  switch (operation) {
    case 'count-tokens':
      return '/input_tokens';
    case 'response-retrieve':
    case 'response-delete':
      return `/${id}`;
    case 'response-input-items':
      return `/${id}/input_items`;
    case 'response-cancel':
      return `/${id}/cancel`;
    case 'response-compact':
      return '/compact';
    default:
      return '';
  }
}

/** Bearer unless the preset names another header. */
function authHeader(preset: Preset | undefined): KeyHeaders {
  const name = preset?.auth?.header ?? 'authorization';
  const prefix = preset?.auth?.prefix ?? 'Bearer ';
  // Where a key is optional there may be none to send.
  return (secret) => (secret === '' ? [] : [name, `${prefix}${secret}`]);
}

/** Some vendors list their models elsewhere than in this dialect's place, or nowhere. */
function listPathOf(preset: Preset | undefined): string | undefined {
  const path = preset?.paths['models'];
  if (path !== null) return path ?? '/models';
  const own = preset?.paths['native_models'] ?? preset?.paths['catalog'];
  return own === null || own?.includes('{') ? undefined : own;
}

const createListing = (base: string, path: string, auth: KeyHeaders): ModelListing => ({
  call: (secret) => ({ ...addressOf(base, path), headers: auth(secret) }),
});

function keyChecksOf(base: string, preset: Preset | undefined, auth: KeyHeaders): Pick<ProviderCalls, 'keyChecks'> {
  const check = preset?.keyCheck;
  if (check === undefined) return preset?.areModelsPublic === true ? { keyChecks: [] } : {};
  const { path, method, validField, creditField } = check;
  const keyCheck: KeyCheck = {
    method,
    call: (secret) => ({ ...addressOf(base, path), headers: auth(secret) }),
    judge: (answer) => {
      if (validField !== undefined && answer[validField] === false) return 'invalid';
      return creditField !== undefined && answer[creditField] === false ? 'no-credit' : 'valid';
    },
  };
  return { keyChecks: [keyCheck] };
}

export function createOpenaiCalls(
  { record, base, preset, tools, auth: ownAuth }: ProviderCallsInput,
  { isResponsesFirst, ...shape }: { readonly isResponsesFirst: boolean; readonly servesResponses?: boolean },
): ProviderCalls {
  const auth = ownAuth ?? authHeader(preset);
  const chat = tools?.variantOf?.(record.id) ?? OPENAI;
  const addresses = new Map<Operation, EndpointAddress>();
  for (const { operation, path, presetName } of OPENAI_PATHS) {
    const presetPath = presetName === undefined ? undefined : preset?.paths[presetName];
    if (presetPath !== null) addresses.set(operation, addressOf(base, presetPath ?? path));
  }
  const servesResponses = isResponsesFirst || (shape.servesResponses ?? preset?.hasResponses === true);
  const responses = addressOf(base, preset?.paths['responses'] ?? '/responses');
  const anthropic =
    preset?.anthropicBase === undefined || preset.anthropicBase.includes('{')
      ? undefined
      : createAnthropicCalls({
          record,
          base: preset.anthropicBase.replace(/\/+$/, ''),
          preset,
          ...(ownAuth === undefined ? {} : { auth: ownAuth }),
        });

  const protocolsFor = (operation: Operation): readonly ProtocolId[] => {
    const found: ProtocolId[] = [];
    if (servesResponses && RESPONSES_OPERATIONS.has(operation)) found.push(RESPONSES);
    if (addresses.has(operation)) found.push(operation === 'chat' ? chat : OPENAI);
    if (!isResponsesFirst) found.reverse();
    if (anthropic !== undefined) found.push(...anthropic.protocolsFor(operation, ''));
    return found;
  };
  const listPath = listPathOf(preset);
  const byOperation = new Map<Operation, readonly ProtocolId[]>();

  return {
    protocolsFor(operation) {
      let protocols = byOperation.get(operation);
      if (protocols === undefined) {
        protocols = protocolsFor(operation);
        byOperation.set(operation, protocols);
      }
      return protocols;
    },
    prepare(input) {
      if (input.protocol === OPENAI || input.protocol === chat) {
        const address = addresses.get(input.operation);
        if (address !== undefined) {
          return {
            origin: address.origin,
            path: address.path + input.query,
            headers: auth(input.credential.secret.reveal()),
          };
        }
      }
      if (input.protocol === RESPONSES && servesResponses) {
        return {
          origin: responses.origin,
          path: responses.path + responsesPath(input) + input.query,
          headers: auth(input.credential.secret.reveal()),
        };
      }
      if (anthropic !== undefined) return anthropic.prepare(input);
      throw new InvalidRequestError({
        code: 'protocol_not_served',
        message: `${record.id} does not offer ${input.operation} in the dialect ${input.protocol}.`,
      });
    },
    // The type is that of the API itself; what only speaks its dialect often keeps nothing.
    keepsAnswers: servesResponses && (preset?.keepsResponses ?? isResponsesFirst),
    modelLists: listPath === undefined ? [] : [createListing(base, listPath, auth)],
    ...keyChecksOf(base, preset, auth),
  };
}

/** Chat Completions and what stands beside it; Responses and Messages too where the preset knows of them. */
export const openaiType: ProviderType = {
  type: 'openai',
  host: { version: '/v1' },
  extraFields: [],
  createCalls: (input) => createOpenaiCalls(input, { isResponsesFirst: false }),
};

/** Prefers Responses; serves chat clients as well. */
export const openaiResponseType: ProviderType = {
  type: 'openai-response',
  host: { version: '/v1' },
  extraFields: [],
  createCalls: (input) => createOpenaiCalls(input, { isResponsesFirst: true }),
};
