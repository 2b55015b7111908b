import { expect, test } from 'vitest';
import { readUsage } from './read-usage.ts';

const read = (tail: string) => readUsage({ framing: 'sse', head: tail, tail, isWhole: true });

test.each([
  [
    'all counters',
    '{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":3,"toolUsePromptTokenCount":2,"totalTokenCount":20}',
    { input: 12, cacheRead: 4, output: 8, reasoning: 3 },
  ],
  ['counters that are left out', '{"promptTokenCount":10,"totalTokenCount":10}', { input: 10, output: 0 }],
  ['no counters', '{"trafficType":"ON_DEMAND"}', undefined],
])('reads %s', (_name, usage, expected) => {
  expect(read(`data: {"candidates":[],"usageMetadata":${usage},"modelVersion":"m"}\r\n\r\n`)).toEqual(expected);
});

test('the last counts hold', () => {
  const chunk = (output: number): string =>
    `data: {"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":${output}}}\r\n\r\n`;
  expect(read(`${chunk(1)}${chunk(2)}data: {"usageMetadata":{"trafficType":"ON_DEMAND"}}\r\n\r\n`)).toEqual({
    input: 1,
    output: 2,
  });
});
