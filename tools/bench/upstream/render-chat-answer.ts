export interface ChatAnswerParts {
  readonly bytes: number;
  readonly model: string;
}

/** What an answer counts as its own tokens, whatever its length. */
export const ANSWER_TOKENS = 180;

/** One whole chat completion as JSON of exactly `bytes` bytes. */
export function renderChatAnswer(parts: ChatAnswerParts): Buffer {
  return Buffer.from(renderAround(parts.model, textOfChatAnswer(parts)));
}

/** All that such an answer says. Throws RangeError when none is that short. */
export function textOfChatAnswer({ bytes, model }: ChatAnswerParts): string {
  const spare = bytes - Buffer.byteLength(renderAround(model, ''));
  if (spare < 0) throw new RangeError(`A chat completion has at least ${bytes - spare} bytes, not ${bytes}.`);
  return 'All work and no play. '.repeat(Math.ceil(spare / 22)).slice(0, spare);
}

function renderAround(model: string, content: string): string {
  return JSON.stringify({
    id: 'chatcmpl-BenchBenchBenchBenchBench0',
    object: 'chat.completion',
    created: 1_790_000_000,
    model,
    choices: [
      { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 210, completion_tokens: ANSWER_TOKENS, total_tokens: 210 + ANSWER_TOKENS },
  });
}
