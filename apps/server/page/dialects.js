const MAX_TOKENS = 4096;

/**
 * How each dialect asks for a streamed answer, where the text of an event is, and which event says that the answer is
 * whole. An error is told apart by the caller: all of them have an `error` in the event.
 */
export const DIALECTS = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (model, prompt) => ({ model, stream: true, messages: [{ role: 'user', content: prompt }] }),
    textOf: (event) => event.choices?.[0]?.delta?.content ?? '',
  },
  responses: {
    path: () => '/v1/responses',
    body: (model, prompt) => ({ model, stream: true, input: prompt }),
    textOf: (event) => (event.type === 'response.output_text.delta' ? event.delta : ''),
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (model, prompt) => ({
      model,
      stream: true,
      max_tokens: MAX_TOKENS,
      messages: [{ role: 'user', content: prompt }],
    }),
    textOf: (event) => (event.type === 'content_block_delta' ? (event.delta.text ?? '') : ''),
  },
  gemini: {
    path: (model) => `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`,
    body: (_model, prompt) => ({ contents: [{ role: 'user', parts: [{ text: prompt }] }] }),
    textOf: (event) =>
      (event.candidates?.[0]?.content?.parts ?? []).map(({ text, thought }) => (thought ? '' : (text ?? ''))).join(''),
  },
};

/** The error an event or an error answer holds, in any dialect; `undefined` where there is none. */
export function errorOf(event) {
  const error = event?.error ?? event?.response?.error;
  if (error) return { code: String(error.code ?? error.type ?? ''), message: String(error.message ?? '') };
  return event?.type === 'error' ? { code: String(event.code ?? ''), message: String(event.message ?? '') } : undefined;
}
