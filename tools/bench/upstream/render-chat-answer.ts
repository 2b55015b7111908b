/** One whole chat completion as JSON of exactly `bytes` bytes. */
export function renderChatAnswer({ bytes, model }: { readonly bytes: number; readonly model: string }): Buffer {
  const render = (content: string): string =>
    JSON.stringify({
      id: 'chatcmpl-BenchBenchBenchBenchBench0',
      object: 'chat.completion',
      created: 1_790_000_000,
      model,
      choices: [
        { index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 210, completion_tokens: 180, total_tokens: 390 },
    });
  const spare = bytes - Buffer.byteLength(render(''));
  if (spare < 0) throw new RangeError(`A chat completion has at least ${bytes - spare} bytes, not ${bytes}.`);
  return Buffer.from(render('All work and no play. '.repeat(Math.ceil(spare / 22)).slice(0, spare)));
}
