import { expect, test } from 'vitest';
import { readUsage } from './read-usage.ts';

const whole = (tail: string) => readUsage({ framing: 'whole', head: tail, tail, isWhole: true });
const sse = (tail: string) => readUsage({ framing: 'sse', head: tail, tail, isWhole: true });

test.each([
  ['chat', '{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}', { input: 10, output: 5 }],
  [
    'details',
    '{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}',
    { input: 10, cacheRead: 4, cacheWrite: 2, output: 5, reasoning: 3 },
  ],
  ['null details', '{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":null}', { input: 10, output: 5 }],
  [
    'DeepSeek',
    '{"prompt_tokens":10,"completion_tokens":5,"prompt_cache_hit_tokens":8}',
    { input: 10, cacheRead: 8, output: 5 },
  ],
  [
    'xAI, whose output leaves reasoning out',
    '{"prompt_tokens":12,"completion_tokens":2,"total_tokens":334,"completion_tokens_details":{"reasoning_tokens":320}}',
    { input: 12, output: 322, reasoning: 320 },
  ],
  ['embeddings', '{"prompt_tokens":8,"total_tokens":8}', { input: 8 }],
  ['a reranker', '{"total_tokens":815}', { input: 815 }],
  [
    'images',
    '{"total_tokens":100,"input_tokens":50,"output_tokens":50,"input_tokens_details":{"text_tokens":10}}',
    { input: 50, output: 50 },
  ],
  ['seconds of audio', '{"type":"duration","seconds":3}', undefined],
  ['negative counts', '{"prompt_tokens":-1,"completion_tokens":-5}', undefined],
])('reads %s', (_name, usage, expected) => {
  expect(whole(`{"choices":[{"message":{"content":"x"}}],"usage":${usage},"service_tier":"default"}`)).toEqual(
    expected,
  );
});

test.each([
  [
    'usage after null',
    'data: {"usage":null}\n\ndata: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\ndata: {"usage":null}\n\n',
  ],
  [
    'Groq',
    'data: {"x_groq":{"id":"r","usage":{"prompt_tokens":1,"completion_tokens":2},"usage_breakdown":{"models":[{"model":"m","usage":{"prompt_tokens":7,"completion_tokens":7}}]}}}\n\n',
  ],
  [
    'Moonshot',
    'data: {"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":1,"completion_tokens":2}}]}\n\ndata: [DONE]\n\n',
  ],
  [
    'growing counts',
    'data: {"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\ndata: {"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n',
  ],
])('finds the counts of %s', (_name, text) => {
  expect(sse(text)).toEqual({ input: 1, output: 2 });
});

test('details that came before a shorter object stay', () => {
  const first =
    'data: {"usage":{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":1}}}\n\n';
  expect(sse(`${first}data: {"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n`)).toEqual({
    input: 1,
    cacheRead: 1,
    output: 2,
  });
});

test('is not fooled by what the model says', () => {
  const said = JSON.stringify({
    choices: [{ delta: { content: '{"usage":{"prompt_tokens":9,"completion_tokens":9}}' } }],
  });
  expect(sse(`data: ${said}\n\n`)).toBeUndefined();
});
