import type { ProtocolId } from '@proxycast/spec';

/**
 * The smallest question in a dialect, for models that take one token of answer and for those that want room for sixteen;
 * `undefined` for a dialect that is not known here.
 */
export function oneTokenRequest(base: ProtocolId, model: string, hasRoom: boolean): object | undefined {
  const messages = [{ role: 'user', content: 'hi' }];
  switch (String(base)) {
    case 'openai':
      return { model, messages, ...(hasRoom ? { max_completion_tokens: 16 } : { max_tokens: 1 }) };
    case 'responses':
      return { model, input: 'hi', max_output_tokens: 16, store: false };
    case 'anthropic':
      return { model, messages, max_tokens: hasRoom ? 16 : 1 };
    case 'gemini':
      return {
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
        generationConfig: { maxOutputTokens: hasRoom ? 16 : 1 },
      };
    case 'bedrock-converse':
      return {
        messages: [{ role: 'user', content: [{ text: 'hi' }] }],
        inferenceConfig: { maxTokens: hasRoom ? 16 : 1 },
      };
    default:
      return undefined;
  }
}
