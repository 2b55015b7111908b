import { type Operation, type ProtocolId, parseProtocolId } from '@proxycast/spec';
import type { ProviderCalls, ProviderCallsInput } from '../provider-type.ts';
import { createAnthropicCalls } from './anthropic.ts';
import { createGeminiCalls } from './gemini.ts';
import { createOpenaiCalls } from './openai.ts';

const ANTHROPIC = parseProtocolId('anthropic');
const GEMINI = parseProtocolId('gemini');

/** One host with the version in each route: Chat Completions, Responses, Messages and, where it has it, Gemini. */
export function createSharedHostCalls(
  input: ProviderCallsInput,
  { servesGemini }: { readonly servesGemini: boolean },
): ProviderCalls {
  const { base, preset: _, ...rest } = input;
  const openai = createOpenaiCalls({ ...rest, base: `${base}/v1` }, { isResponsesFirst: false, servesResponses: true });
  const anthropic = createAnthropicCalls({ ...rest, base });
  const gemini = servesGemini ? createGeminiCalls({ ...rest, base }) : undefined;
  const byOperation = new Map<Operation, readonly ProtocolId[]>();

  return {
    protocolsFor(operation, model) {
      let protocols = byOperation.get(operation);
      if (protocols === undefined) {
        protocols = [openai, anthropic, gemini].flatMap((calls) => calls?.protocolsFor(operation, model) ?? []);
        byOperation.set(operation, protocols);
      }
      return protocols;
    },
    prepare(call) {
      if (call.protocol === ANTHROPIC) return anthropic.prepare(call);
      if (call.protocol === GEMINI && gemini !== undefined) return gemini.prepare(call);
      return openai.prepare(call);
    },
    modelLists: openai.modelLists,
  };
}
