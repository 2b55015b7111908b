import { type ProtocolId, parseProtocolId } from '@proxycast/spec';
import { addressOf } from '../endpoint-address.ts';
import type { ProviderType } from '../provider-type.ts';
import { createAnthropicCalls } from './anthropic.ts';
import { createOpenaiCalls } from './openai.ts';

/** It reads no addresses of files: https://docs.ollama.com/api/anthropic-compatibility, seen 2026-11-25. */
const ANTHROPIC = parseProtocolId('anthropic-inline');
/** The variant of Chat Completions that every Ollama speaks, whatever a person calls it. */
const VARIANT = 'ollama';

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
    const variantOf = (id: string): ProtocolId | undefined => {
      const { tools } = input;
      return tools?.variantOf?.(id) ?? tools?.variantOf?.(VARIANT);
    };
    const openai = createOpenaiCalls(
      { ...rest, base: `${base}/v1`, ...(input.tools === undefined ? {} : { tools: { ...input.tools, variantOf } }) },
      { isResponsesFirst: false, servesResponses: false },
    );
    const anthropic = createAnthropicCalls({ ...rest, base, usesBearer: true, protocol: ANTHROPIC });
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
