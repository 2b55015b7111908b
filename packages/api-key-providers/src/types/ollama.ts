import { parseProtocolId } from '@proxycast/spec';
import { addressOf } from '../endpoint-address.ts';
import type { ProviderType } from '../provider-type.ts';
import { createAnthropicCalls } from './anthropic.ts';
import { createOpenaiCalls } from './openai.ts';

const ANTHROPIC = parseProtocolId('anthropic');

/**
 * A local or hosted Ollama, by its Chat Completions route, and by its Messages route where a client speaks that (since
 * early 2026). Needs no key on the person's own machine.
 */
export const ollamaType: ProviderType = {
  type: 'ollama',
  host: { version: '' },
  extraFields: [],
  isKeyOptional: true,
  createCalls(input) {
    const { base, preset, ...rest } = input;
    const openai = createOpenaiCalls(
      { ...rest, base: `${base}/v1` },
      { isResponsesFirst: false, servesResponses: false },
    );
    const anthropic = createAnthropicCalls({ ...rest, base, usesBearer: true });
    const bearer = (secret: string): readonly string[] => (secret === '' ? [] : ['authorization', `Bearer ${secret}`]);
    const auth = input.auth ?? bearer;
    return {
      protocolsFor: (operation, model) => [
        ...openai.protocolsFor(operation, model),
        ...(operation === 'chat' ? anthropic.protocolsFor(operation, model) : []),
      ],
      prepare: (call) => (call.protocol === ANTHROPIC ? anthropic : openai).prepare(call),
      // The list of its cloud answers without a key.
      ...(preset?.areModelsPublic === true ? { keyChecks: [] } : {}),
      modelLists: [{ call: (secret) => ({ ...addressOf(base, '/api/tags'), headers: auth(secret) }) }],
    };
  },
};
