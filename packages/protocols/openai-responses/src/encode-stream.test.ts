import type { ChatRequest, StreamEvent } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson } from '@proxycast/wire';
import { expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';

const NOW_MS = 1_700_000_000_999;
const TOOLS = [{ type: 'function', name: 'read', parameters: {}, strict: false }];
const REQUEST: ChatRequest = decodeRequest(
  { model: 'asked', input: 'hi', instructions: 'be brief', tools: TOOLS, temperature: 0.5, metadata: { k: 'v' } },
  { isStream: true },
);
const EVENTS: readonly StreamEvent[] = [
  { type: 'message-start', id: '01', model: 'gpt' },
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

function encode(events: readonly StreamEvent[]): string {
  const encoder = createStreamEncoder({ request: REQUEST, nowMs: NOW_MS });
  return events.map((event) => encoder.push([event])).join('') + encoder.end();
}

function eventsOf(text: string): readonly JsonObject[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame, index) => {
      const [, event, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const value = parseJson(data ?? '');
      if (!isObject(value)) throw new TypeError(`No event: ${frame}`);
      expect(value).toMatchObject({ type: event, sequence_number: index });
      const { sequence_number: _, ...rest } = value;
      return rest;
    });
}

const part = (text: string): unknown => ({ type: 'output_text', annotations: [], logprobs: [], text });
const message = (status: string, content: readonly unknown[]): unknown => ({
  id: 'msg_01_0',
  type: 'message',
  status,
  content,
  role: 'assistant',
});
const call = (index: number, callId: string, name: string, status: string, input: string): unknown => ({
  id: `fc_01_${index}`,
  type: 'function_call',
  status,
  arguments: input,
  call_id: callId,
  name,
});
const RESPONSE = {
  id: 'resp_01',
  object: 'response',
  created_at: 1_700_000_000,
  status: 'in_progress',
  completed_at: null,
  error: null,
  incomplete_details: null,
  model: 'gpt',
  output: [],
  usage: null,
  background: false,
  instructions: 'be brief',
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: false,
  temperature: 0.5,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: TOOLS,
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: { k: 'v' },
};
const COMPLETED = {
  ...RESPONSE,
  status: 'completed',
  completed_at: 1_700_000_000,
  output: [
    message('completed', [part('a\n"b"😀')]),
    call(1, 'call_1', 'read', 'completed', '{"path":"x"}'),
    call(2, 'call_2', 'list', 'completed', '{}'),
  ],
  usage: {
    input_tokens: 12,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 17,
  },
};

test('writes the events of the API in its order, numbered from 0', () => {
  const text = encode(EVENTS);
  const place = { item_id: 'msg_01_0', output_index: 0, content_index: 0 };
  expect(eventsOf(text)).toEqual([
    { type: 'response.created', response: RESPONSE },
    { type: 'response.in_progress', response: RESPONSE },
    { type: 'response.output_item.added', output_index: 0, item: message('in_progress', []) },
    { type: 'response.content_part.added', ...place, part: part('') },
    { type: 'response.output_text.delta', ...place, delta: 'a\n', logprobs: [] },
    { type: 'response.output_text.delta', ...place, delta: '"b"😀', logprobs: [] },
    { type: 'response.output_text.done', ...place, text: 'a\n"b"😀', logprobs: [] },
    { type: 'response.content_part.done', ...place, part: part('a\n"b"😀') },
    { type: 'response.output_item.done', output_index: 0, item: message('completed', [part('a\n"b"😀')]) },
    { type: 'response.output_item.added', output_index: 1, item: call(1, 'call_1', 'read', 'in_progress', '') },
    { type: 'response.function_call_arguments.delta', item_id: 'fc_01_1', output_index: 1, delta: '{"path":' },
    { type: 'response.function_call_arguments.delta', item_id: 'fc_01_1', output_index: 1, delta: '"x"}' },
    {
      type: 'response.function_call_arguments.done',
      item_id: 'fc_01_1',
      output_index: 1,
      name: 'read',
      arguments: '{"path":"x"}',
    },
    {
      type: 'response.output_item.done',
      output_index: 1,
      item: call(1, 'call_1', 'read', 'completed', '{"path":"x"}'),
    },
    { type: 'response.output_item.added', output_index: 2, item: call(2, 'call_2', 'list', 'in_progress', '') },
    {
      type: 'response.function_call_arguments.done',
      item_id: 'fc_01_2',
      output_index: 2,
      name: 'list',
      arguments: '{}',
    },
    { type: 'response.output_item.done', output_index: 2, item: call(2, 'call_2', 'list', 'completed', '{}') },
    { type: 'response.completed', response: COMPLETED },
  ]);
  const excerpt = { framing: 'sse', head: text, tail: text, isWhole: true } as const;
  expect(isStreamComplete(excerpt)).toBe(true);
  expect(readUsage(excerpt)).toEqual({ input: 12, cacheRead: 2, output: 5, reasoning: 0 });
});

test.each([
  ['length', 'max_output_tokens'],
  ['refusal', 'content_filter'],
] as const)('an answer that ended by %s is incomplete for %s', (reason, said) => {
  const events: readonly StreamEvent[] = [...EVENTS.slice(0, 5), { type: 'message-end', reason }];
  expect(eventsOf(encode(events)).at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: said }, completed_at: null },
  });
});

test('does not end a message that never ended', () => {
  const text = encode(EVENTS.slice(0, 3));
  expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(false);
});

test('a whole answer is the response of the last event', () => {
  expect(encodeAnswer(EVENTS, { request: REQUEST, nowMs: NOW_MS })).toEqual(COMPLETED);
});
