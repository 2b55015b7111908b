import { expect, test } from 'vitest';
import { readUsage } from './read-usage.ts';

const start =
  'event: message_start\ndata: {"type":"message_start","message":{"content":[],"usage":{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":null,"output_tokens":1}}}\n\n';
const delta = (usage: string): string =>
  `event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":${usage}}\n\n`;
const sse = (head: string, tail = head) => readUsage({ framing: 'sse', head, tail, isWhole: head === tail });

test.each([
  ['an answer cut before its last counts', start, { input: 30, cacheWrite: 20, output: 1 }],
  ['last counts of output alone', start + delta('{"output_tokens":7}'), { input: 30, cacheWrite: 20, output: 7 }],
  [
    'last counts of everything',
    start +
      delta(
        '{"input_tokens":50,"cache_read_input_tokens":5,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}',
      ),
    { input: 75, cacheRead: 5, cacheWrite: 20, output: 7, reasoning: 3 },
  ],
  ['no counts', 'event: ping\ndata: {"type":"ping"}\n\n', undefined],
])('reads %s', (_name, text, expected) => {
  expect(sse(text)).toEqual(expected);
});

test('takes the first counts from the head when the tail begins later', () => {
  expect(sse(start, `elta"}}\n\n${delta('{"output_tokens":7}')}`)).toEqual({ input: 30, cacheWrite: 20, output: 7 });
});

test('is not fooled by what the model says', () => {
  const said = JSON.stringify({
    type: 'content_block_delta',
    text: '{"usage":{"input_tokens":9999,"output_tokens":9999}}',
  });
  expect(sse(`${start}${delta('{"output_tokens":7}')}data: ${said}\n\n`)).toEqual({
    input: 30,
    cacheWrite: 20,
    output: 7,
  });
});

test('takes only the last usage of a whole answer', () => {
  const tail =
    '{"content":[{"type":"tool_use","input":{"usage":{"input_tokens":1,"output_tokens":1,"cache_read_input_tokens":1}}}],"usage":{"input_tokens":3,"output_tokens":4}}';
  expect(readUsage({ framing: 'whole', head: tail, tail, isWhole: true })).toEqual({ input: 3, output: 4 });
});
