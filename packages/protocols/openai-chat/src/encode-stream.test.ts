import type { ChatRequest, StreamEvent } from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
import { expect, test } from 'vitest';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';

const NOW_MS = 1_700_000_000_999;
const REQUEST: ChatRequest = { model: 'asked', stream: true, turns: [], tools: [] };
const WITH_USAGE: ChatRequest = { ...REQUEST, extensions: { stream_options: { include_usage: true } } };
const EVENTS: readonly StreamEvent[] = [
  { type: 'message-start', id: '01', model: 'gpt' },
  { type: 'text-start', block: 0 },
  { type: 'text-delta', block: 0, text: 'a\n' },
  { type: 'text-delta', block: 0, text: '"b"😀' },
  { type: 'block-end', block: 0 },
  { type: 'tool-call-start', block: 1, callId: 'call_1', name: 'read' },
  { type: 'tool-input-delta', block: 1, json: '{"path":' },
  { type: 'tool-call-start', block: 2, callId: 'call_2', name: 'list' },
  { type: 'tool-input-delta', block: 1, json: '"x"}' },
  { type: 'block-end', block: 1 },
  { type: 'block-end', block: 2 },
  { type: 'usage', usage: { input: 12, cacheRead: 2, output: 5, reasoning: 1 } },
  { type: 'message-end', reason: 'tool-use' },
];
const USAGE = {
  prompt_tokens: 12,
  completion_tokens: 5,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 2 },
  completion_tokens_details: { reasoning_tokens: 1 },
};

function encode(request: ChatRequest): string {
  const encoder = createStreamEncoder({ request, nowMs: NOW_MS });
  return EVENTS.map((event) => encoder.push([event])).join('') + encoder.end();
}

function dataOf(text: string): readonly unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      expect(frame.startsWith('data: ')).toBe(true);
      return frame === 'data: [DONE]' ? '[DONE]' : parseJson(frame.slice(6));
    });
}

const chunk = (choices: readonly unknown[], more = {}): unknown => ({
  id: 'chatcmpl-01',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'gpt',
  choices,
  ...more,
});
const delta = (fields: unknown, reason: string | null = null, more = {}): unknown =>
  chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: reason }], more);
const call = (index: number, json: string): unknown => ({ tool_calls: [{ index, function: { arguments: json } }] });
const deltas = (more = {}): readonly unknown[] => [
  delta({ role: 'assistant', content: '', refusal: null }, null, more),
  delta({ content: 'a\n' }, null, more),
  delta({ content: '"b"😀' }, null, more),
  delta(
    { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'read', arguments: '' } }] },
    null,
    more,
  ),
  delta(call(0, '{"path":'), null, more),
  delta(
    { tool_calls: [{ index: 1, id: 'call_2', type: 'function', function: { name: 'list', arguments: '' } }] },
    null,
    more,
  ),
  delta(call(0, '"x"}'), null, more),
  delta(call(1, '{}'), null, more),
  delta({}, 'tool_calls', more),
];

test('writes the chunks of the API in its order', () => {
  const text = encode(REQUEST);
  expect(dataOf(text)).toEqual([...deltas(), '[DONE]']);
  expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(true);
});

test('writes usage, in a chunk of its own, only for a client that asked', () => {
  const text = encode(WITH_USAGE);
  expect(dataOf(text)).toEqual([...deltas({ usage: null }), chunk([], { usage: USAGE }), '[DONE]']);
  expect(readUsage({ framing: 'sse', head: text, tail: text, isWhole: true })).toEqual({
    input: 12,
    cacheRead: 2,
    output: 5,
    reasoning: 1,
  });
});

test('answers the old form of tools in the old form', () => {
  const request: ChatRequest = { ...REQUEST, extensions: { functions: true } };
  const events = EVENTS.filter((event) => !('block' in event) || event.block === 1);
  const encoder = createStreamEncoder({ request, nowMs: NOW_MS });
  expect(dataOf(encoder.push(events) + encoder.end())).toEqual([
    delta({ role: 'assistant', content: '', refusal: null }),
    delta({ function_call: { name: 'read', arguments: '' } }),
    delta({ function_call: { arguments: '{"path":' } }),
    delta({ function_call: { arguments: '"x"}' } }),
    delta({}, 'function_call'),
    '[DONE]',
  ]);
  expect(encodeAnswer(events, { request, nowMs: NOW_MS })).toMatchObject({
    choices: [
      {
        message: { content: null, function_call: { name: 'read', arguments: '{"path":"x"}' } },
        finish_reason: 'function_call',
      },
    ],
  });
});

test('does not call a message done that never ended', () => {
  const encoder = createStreamEncoder({ request: REQUEST, nowMs: NOW_MS });
  const text = encoder.push(EVENTS.slice(0, 3)) + encoder.end();
  expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(false);
});

test('a whole answer holds the same', () => {
  expect(encodeAnswer(EVENTS, { request: REQUEST, nowMs: NOW_MS })).toEqual({
    id: 'chatcmpl-01',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'a\n"b"😀',
          refusal: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'read', arguments: '{"path":"x"}' } },
            { id: 'call_2', type: 'function', function: { name: 'list', arguments: '{}' } },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ],
    usage: USAGE,
  });
});
