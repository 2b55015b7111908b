import { expect, test } from 'vitest';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';

const isComplete = (tail: string, isWhole = true): boolean =>
  isStreamComplete({ framing: 'sse', head: tail, tail, isWhole });
const event = (type: string, fields: Readonly<Record<string, unknown>> = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const delta = (text: string): string => event('response.output_text.delta', { delta: text });

test.each([
  ['response.completed', event('response.completed', { response: {} })],
  ['response.incomplete', event('response.incomplete', { response: {} })],
  ['response.failed', event('response.failed', { response: {} })],
  ['an error', event('error', { message: 'x' })],
  ['[DONE]', `${event('response.completed')}data: [DONE]\n\n`],
  ['its last event with CRLF', event('response.completed').replaceAll('\n', '\r\n')],
  ['its last event without a blank line', event('response.completed').trimEnd()],
  ['its last event without a name', 'data: {"type":"response.completed"}\n\n'],
])('a stream that ends with %s is complete', (_name, text) => {
  expect(isComplete(delta('a') + text)).toBe(true);
  expect(isComplete(`ta":"..."}\n\n${text}`, false)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a delta', delta('a')],
  ['a delta that quotes the last event', delta(event('response.completed'))],
  ['half the last event', delta('a') + event('response.completed', { response: { usage: null } }).slice(0, 45)],
])('a stream that ends with %s is not', (_name, text) => {
  expect(isComplete(text)).toBe(false);
});

test('a last event that began before the tail is complete when its usage and its end have come', () => {
  const end =
    ' of a long answer"}]}],"usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7},"user":null},"sequence_number":9}\n\n';
  expect(isComplete(end, false)).toBe(true);
  expect(readUsage({ framing: 'sse', head: '', tail: end, isWhole: false })).toEqual({ input: 3, output: 4 });
  expect(isComplete(end.slice(0, -20), false)).toBe(false);
  expect(isComplete(' of a long answer"}]},"sequence_number":9}\n\n', false)).toBe(false);
  expect(isComplete(`${JSON.stringify({ x: end }).slice(5)}\n\n`, false)).toBe(false);
});
