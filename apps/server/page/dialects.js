/** How each dialect asks for a streamed answer, and where the text of an event is. */
export const DIALECTS = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (model, prompt) => ({ model, stream: true, messages: [{ role: 'user', content: prompt }] }),
    textOf: (event) => event.choices?.[0]?.delta?.content,
  },
  responses: {
    path: () => '/v1/responses',
    body: (model, prompt) => ({ model, stream: true, input: prompt }),
    textOf: (event) => (event.type === 'response.output_text.delta' ? event.delta : undefined),
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (model, content) => ({ model, stream: true, max_tokens: 4096, messages: [{ role: 'user', content }] }),
    textOf: (event) => (event.type === 'content_block_delta' ? event.delta.text : undefined),
  },
  gemini: {
    path: (model) => `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    body: (_model, text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    textOf: (event) => event.candidates?.[0]?.content?.parts?.map((part) => (part.thought ? '' : part.text)).join(''),
  },
};

/** The error that an event or an error answer of any dialect holds; `undefined` where there is none. */
export function errorOf(event) {
  const error = event?.error ?? event?.response?.error ?? (event?.type === 'error' ? event : undefined);
  return error ? { code: String(error.code ?? error.type), message: String(error.message) } : undefined;
}
