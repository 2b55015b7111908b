import type { StreamEvent } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';
import { expect, test } from 'vitest';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';

const EVENTS: readonly StreamEvent[] = [
  { type: 'message-start', id: '01', model: 'claude' },
  { type: 'text-start', block: 0 },
  { type: 'text-delta', block: 0, text: 'a\n' },
  { type: 'text-delta', block: 0, text: '"b"😀' },
  { type: 'block-end', block: 0 },
  { type: 'tool-call-start', block: 1, callId: 'call_1', name: 'read' },
  { type: 'tool-input-delta', block: 1, json: '{"path":' },
  { type: 'tool-input-delta', block: 1, json: '"x"}' },
  { type: 'block-end', block: 1 },
  { type: 'tool-call-start', block: 2, callId: 'call_2', name: 'list' },
  { type: 'block-end', block: 2 },
  { type: 'usage', usage: { input: 12, cacheRead: 2, output: 5 } },
  { type: 'message-end', reason: 'tool-use' },
];

function eventsOf(text: string): readonly unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const value = parseJson(data ?? '');
      expect(isObject(value) ? value.type : undefined).toBe(event);
      return value;
    });
}

test('writes the events of the API in its order', () => {
  const encoder = createStreamEncoder();
  const text = encoder.push(EVENTS) + encoder.end();
  const usage = { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 2, output_tokens: 5 };
  const input = (index: number, json: string): unknown => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json: json },
  });
  expect(eventsOf(text)).toEqual([
    {
      type: 'message_start',
      message: {
        id: 'msg_01',
        type: 'message',
        role: 'assistant',
        model: 'claude',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...usage, output_tokens: 0 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a\n' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '"b"😀' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'call_1', name: 'read', input: {} },
    },
    input(1, ''),
    input(1, '{"path":'),
    input(1, '"x"}'),
    { type: 'content_block_stop', index: 1 },
    {
      type: 'content_block_start',
      index: 2,
      content_block: { type: 'tool_use', id: 'call_2', name: 'list', input: {} },
    },
    input(2, ''),
    { type: 'content_block_stop', index: 2 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]);
  const excerpt = { framing: 'sse', head: text, tail: text, isWhole: true } as const;
  expect(isStreamComplete(excerpt)).toBe(true);
  expect(readUsage(excerpt)).toEqual({ input: 12, cacheRead: 2, cacheWrite: 0, output: 5 });
});

test('writes the same whether events come together or one by one, but for the counts at the start', () => {
  const together = createStreamEncoder();
  const apart = createStreamEncoder();
  const split = EVENTS.map((event) => apart.push([event])).join('') + apart.end();
  expect(eventsOf(split).slice(1)).toEqual(eventsOf(together.push(EVENTS) + together.end()).slice(1));
});

test('does not end a message that never ended', () => {
  const encoder = createStreamEncoder();
  const text = encoder.push(EVENTS.slice(0, 3)) + encoder.end();
  expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(false);
});

test('a whole answer holds the same', () => {
  expect(encodeAnswer(EVENTS)).toEqual({
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [
      { type: 'text', text: 'a\n"b"😀' },
      { type: 'tool_use', id: 'call_1', name: 'read', input: { path: 'x' } },
      { type: 'tool_use', id: 'call_2', name: 'list', input: {} },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 10, cache_creation_input_tokens: 0, cache_read_input_tokens: 2, output_tokens: 5 },
  });
});

test('input that is no JSON object is kept under a name that says so', () => {
  const cut: readonly StreamEvent[] = [
    { type: 'tool-call-start', block: 0, callId: 'c', name: 'read' },
    { type: 'tool-input-delta', block: 0, json: '{"pa' },
    { type: 'message-end', reason: 'length' },
  ];
  expect(encodeAnswer(cut)).toMatchObject({ content: [{ input: { _raw: '{"pa' } }], stop_reason: 'max_tokens' });
});
