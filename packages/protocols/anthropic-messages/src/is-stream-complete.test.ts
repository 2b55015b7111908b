import { expect, test } from 'vitest';
import { isStreamComplete } from './is-stream-complete.ts';

const isComplete = (tail: string, isWhole = true): boolean =>
  isStreamComplete({ framing: 'sse', head: tail, tail, isWhole });
const delta = (text: string): string =>
  `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', text })}\n\n`;
const stop = 'event: message_stop\ndata: {"type":"message_stop"  }\n\n';

test.each([
  ['message_stop', delta('a') + stop],
  ['message_stop with CRLF', (delta('a') + stop).replaceAll('\n', '\r\n')],
  ['message_stop without its blank line', delta('a') + stop.trimEnd()],
  ['message_stop without the event line', `${delta('a')}data: {"type":"message_stop"}\n\n`],
  ['a ping after message_stop', `${stop}event: ping\ndata: {"type":"ping"}\n\n: note\n\n`],
  [
    'an error',
    `${delta('a')}event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n`,
  ],
])('a stream that ends with %s is complete', (_name, text) => {
  expect(isComplete(text)).toBe(true);
  expect(isComplete(`ext_delta","text":"..."}}\n\n${text}`, false)).toBe(true);
});

test.each([
  ['nothing', ''],
  ['a delta', delta('a')],
  ['a delta that quotes the last event', delta(stop)],
  ['half the last event', delta('a') + stop.slice(0, 30)],
  ['message_delta', 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n'],
])('a stream that ends with %s is not', (_name, text) => {
  expect(isComplete(text)).toBe(false);
});

test('a tail that begins in the middle of an event is not read as one', () => {
  expect(isComplete('data: {"type":"message_stop"}', false)).toBe(false);
});
