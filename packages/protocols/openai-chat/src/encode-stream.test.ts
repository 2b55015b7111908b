import { foldAnswer, tagSignature } from '@proxycast/conversion';
import { type ChatRequest, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';

const NOW_MS = 1_700_000_000_999;
const REQUEST: ChatRequest = { protocol: 'openai', model: 'asked', stream: true, turns: [], tools: [] };
const WITH_USAGE: ChatRequest = { ...REQUEST, includeUsage: true };
const OLD_FORM = decodeRequest(
  { model: 'asked', messages: [{ role: 'user', content: 'hi' }], functions: [{ name: 'read' }] },
  { isStream: true },
);
const START: StreamEvent = { type: 'message-start', id: 'msg_01', model: 'gpt' };
const EVENTS: readonly StreamEvent[] = [
  START,
  { type: 'text-start', block: 0 },
  { type: 'text-delta', block: 0, text: 'a\n' },
  { type: 'text-delta', block: 0, text: '"b"😀' },
  { type: 'block-end', block: 0 },
  { type: 'tool-call-start', block: 1, callId: 'call_1', name: 'read', kind: 'function' },
  { type: 'tool-input-delta', block: 1, json: '{"path":' },
  { type: 'tool-call-start', block: 2, callId: 'call_2', name: 'list', kind: 'function' },
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

function encode(request: ChatRequest, events: readonly StreamEvent[] = EVENTS): string {
  const encoder = createStreamEncoder({ request, nowMs: NOW_MS });
  return events.map((event) => encoder.push([event])).join('') + encoder.end();
}

function dataOf(text: string): readonly unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '' && !frame.startsWith(':'))
    .map((frame) => {
      expect(frame.startsWith('data: ')).toBe(true);
      return frame === 'data: [DONE]' ? '[DONE]' : parseJson(frame.slice(6));
    });
}

const answerOf = (events: readonly StreamEvent[], request = REQUEST): unknown =>
  encodeAnswer(foldAnswer(events, { id: 'x', model: 'y' }), { request, nowMs: NOW_MS });

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
const ROLE = { role: 'assistant', content: '', refusal: null };
const deltas = (more = {}): readonly unknown[] => [
  delta(ROLE, null, more),
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

test('writes the chunks of the API in its order (bugs 13, 14, 15)', () => {
  const text = encode(REQUEST);
  expect(dataOf(text)).toEqual([...deltas(), '[DONE]']);
  expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(true);
});

test('writes usage, in a chunk of its own, only for a client that asked (bug 81)', () => {
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
  const events = EVENTS.filter((event) => !('block' in event) || event.block === 1);
  expect(dataOf(encode(OLD_FORM, events))).toEqual([
    delta(ROLE),
    delta({ function_call: { name: 'read', arguments: '' } }),
    delta({ function_call: { arguments: '{"path":' } }),
    delta({ function_call: { arguments: '"x"}' } }),
    delta({}, 'function_call'),
    '[DONE]',
  ]);
  expect(answerOf(events, OLD_FORM)).toMatchObject({
    choices: [
      {
        message: { content: null, function_call: { name: 'read', arguments: '{"path":"x"}' } },
        finish_reason: 'function_call',
      },
    ],
  });
});

test('a whole answer holds the same', () => {
  expect(answerOf(EVENTS)).toEqual({
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

describe('an end that is none', () => {
  test('a message that never ended is not called done', () => {
    const text = encode(REQUEST, EVENTS.slice(0, 3));
    expect(isStreamComplete({ framing: 'sse', head: text, tail: text, isWhole: true })).toBe(false);
    expect(text).not.toContain('[DONE]');
  });

  test('an error is the last there is, in the form of the API, without [DONE]', () => {
    const error = new UpstreamError({ code: 'upstream_cut', message: 'It was cut.' });
    const encoder = createStreamEncoder({ request: WITH_USAGE, nowMs: NOW_MS });
    const text = encoder.push([...EVENTS.slice(0, 3), { type: 'error', error }, ...EVENTS.slice(3)]);
    expect(dataOf(text).slice(-2)).toEqual([
      delta({ content: 'a\n' }, null, { usage: null }),
      { error: { message: 'It was cut.', type: 'api_error', param: null, code: 'upstream_cut' } },
    ]);
    expect(encoder.push(EVENTS) + encoder.end()).toBe('');
  });

  test('of several answers all have to end', () => {
    const events: readonly StreamEvent[] = [
      START,
      { type: 'text-start', block: 0 },
      { type: 'text-start', block: 1, choice: 1 },
      { type: 'message-end', reason: 'end' },
    ];
    expect(encode(REQUEST, events)).not.toContain('[DONE]');
    expect(encode(REQUEST, [...events, { type: 'message-end', choice: 1, reason: 'end' }])).toContain('[DONE]');
  });
});

test('several answers begin with their role and are numbered (bug 18)', () => {
  const of = (index: number, fields: unknown, reason: string | null = null) =>
    chunk([{ index, delta: fields, logprobs: null, finish_reason: reason }]);
  expect(
    dataOf(
      encode(REQUEST, [
        START,
        { type: 'text-start', block: 0 },
        { type: 'text-start', block: 1, choice: 1 },
        { type: 'text-delta', block: 1, text: 'b' },
        { type: 'text-delta', block: 0, text: 'a' },
        { type: 'tool-call-start', block: 2, choice: 1, callId: 'c', name: 'f', kind: 'function' },
        { type: 'message-end', choice: 1, reason: 'tool-use' },
        { type: 'message-end', reason: 'length' },
      ]),
    ),
  ).toEqual([
    of(0, ROLE),
    of(1, ROLE),
    of(1, { content: 'b' }),
    of(0, { content: 'a' }),
    of(1, { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] }),
    of(1, { tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
    of(1, {}, 'tool_calls'),
    of(0, {}, 'length'),
    '[DONE]',
  ]);
});

describe('beside text and calls', () => {
  const between = (events: readonly StreamEvent[], reason: 'end' | 'refusal' = 'end') =>
    dataOf(encode(REQUEST, [START, ...events, { type: 'message-end', reason }])).slice(1, -2);

  test('thinking has a field of its own, a blank line between its parts', () => {
    expect(
      between([
        { type: 'thinking-start', block: 0, kind: 'summary' },
        { type: 'thinking-delta', block: 0, text: 'a', part: 0 },
        { type: 'thinking-delta', block: 0, text: 'b', part: 0 },
        { type: 'thinking-delta', block: 0, text: 'c', part: 1 },
        { type: 'block-end', block: 0 },
        { type: 'thinking-start', block: 1, kind: 'full' },
        { type: 'thinking-delta', block: 1, text: 'd' },
        { type: 'block-end', block: 1 },
      ]),
    ).toEqual([
      delta({ reasoning_content: 'a' }),
      delta({ reasoning_content: 'b' }),
      delta({ reasoning_content: '\n\nc' }),
      delta({ reasoning_content: '\n\nd' }),
    ]);
  });

  test('a refusal, free text of a tool, an image, a sound', () => {
    expect(
      between([
        { type: 'refusal-start', block: 0 },
        { type: 'refusal-delta', block: 0, text: 'no' },
        { type: 'block-end', block: 0 },
        { type: 'tool-call-start', block: 1, callId: 'c', name: 'g', kind: 'custom' },
        { type: 'tool-input-delta', block: 1, json: 'free' },
        { type: 'block-end', block: 1 },
        { type: 'image', block: 2, source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
        { type: 'block-end', block: 2 },
        { type: 'audio-start', block: 3, id: 'au' },
        { type: 'audio-delta', block: 3, data: 'AAAA' },
        { type: 'audio-delta', block: 3, transcript: 'hi' },
        { type: 'block-end', block: 3, extensions: { openai: { expires_at: 5 } } },
      ]),
    ).toEqual([
      delta({ refusal: 'no' }),
      delta({ tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'g', input: '' } }] }),
      delta({ tool_calls: [{ index: 0, custom: { input: 'free' } }] }),
      delta({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' }, index: 0 }] }),
      delta({ audio: { id: 'au' } }),
      delta({ audio: { data: 'AAAA' } }),
      delta({ audio: { transcript: 'hi' } }),
      delta({ audio: { expires_at: 5 } }),
    ]);
  });

  test('citations are annotations, at the end, counted in the whole text', () => {
    expect(
      between([
        { type: 'text-start', block: 0 },
        { type: 'text-delta', block: 0, text: 'abc' },
        { type: 'block-end', block: 0 },
        { type: 'text-start', block: 1 },
        { type: 'text-delta', block: 1, text: 'de' },
        { type: 'citation', block: 1, citation: { type: 'url', url: 'https://a', title: 'A' } },
        { type: 'citation', block: 1, citation: { type: 'url', url: 'https://b', startIndex: 1, endIndex: 2 } },
        { type: 'citation', block: 1, citation: { type: 'document', title: 'no address' } },
        { type: 'block-end', block: 1 },
      ]).slice(2),
    ).toEqual([
      delta({
        annotations: [
          { type: 'url_citation', url_citation: { url: 'https://a', title: 'A', start_index: 3, end_index: 5 } },
          {
            type: 'url_citation',
            url_citation: { url: 'https://b', title: 'https://b', start_index: 4, end_index: 5 },
          },
        ],
      }),
    ]);
  });

  test('logprobs stand beside their text', () => {
    const [written] = between([
      { type: 'text-start', block: 0 },
      {
        type: 'text-delta',
        block: 0,
        text: 'a',
        logprobs: [{ token: 'a', logprob: -0.5, bytes: [97], top: [{ token: 'b', logprob: -1 }] }],
      },
      { type: 'block-end', block: 0 },
    ]);
    const top = [{ token: 'b', logprob: -1, bytes: null }];
    expect(written).toMatchObject({
      choices: [
        { logprobs: { content: [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: top }], refusal: null } },
      ],
    });
  });

  test('tools of the service and what others alone know are not shown', () => {
    expect(
      between([
        { type: 'server-tool-start', block: 0, callId: 's', tool: 'web-search', name: 'web_search' },
        { type: 'server-tool-input-delta', block: 0, json: '{}' },
        { type: 'block-end', block: 0 },
        { type: 'server-tool-result', block: 1, callId: 's', tool: 'web-search' },
        { type: 'block-end', block: 1 },
        { type: 'opaque', block: 2, protocol: 'other', value: {} },
        { type: 'block-end', block: 2 },
        { type: 'extension', protocol: 'other', value: { a: 1 } },
        { type: 'ping' },
      ]),
    ).toEqual([]);
  });

  test('what this dialect alone says stands where it was said', () => {
    const events: readonly StreamEvent[] = [
      {
        ...START,
        createdAtSeconds: 5,
        extensions: { openai: { service_tier: 'flex', prompt_filter_results: [1] } },
      },
      { type: 'extension', protocol: 'openai', value: { moderation: {} } },
      { type: 'message-end', reason: 'end', extensions: { openai: { native_finish_reason: 'x' } } },
    ];
    const everywhere = { created: 5, service_tier: 'flex' };
    expect(dataOf(encode(REQUEST, events))).toEqual([
      delta(ROLE, null, { ...everywhere, prompt_filter_results: [1] }),
      chunk([], { ...everywhere, moderation: {} }),
      chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop', native_finish_reason: 'x' }], everywhere),
      '[DONE]',
    ]);
  });

  test('signatures of thinking and text come once, at the end, and those of calls with them (bugs 36, 37)', () => {
    const signature = { origin: 'gemini:there', value: 'c2ln' };
    const tagged = tagSignature(signature, 'openai');
    const entry = (id: string, index: number) => ({
      type: 'reasoning.encrypted',
      data: tagged,
      format: 'proxycast',
      id,
      index,
    });
    const events: readonly StreamEvent[] = [
      { type: 'thinking-start', block: 0, kind: 'full' },
      { type: 'thinking-delta', block: 0, text: 'abc' },
      { type: 'signature', block: 0, signature },
      { type: 'block-end', block: 0 },
      { type: 'redacted-thinking', block: 1, signature },
      { type: 'block-end', block: 1 },
      { type: 'text-start', block: 2, signature },
      { type: 'text-delta', block: 2, text: 'de' },
      { type: 'block-end', block: 2 },
      { type: 'tool-call-start', block: 3, callId: 'c', name: 'f', kind: 'function' },
      { type: 'signature', block: 3, signature },
      { type: 'block-end', block: 3 },
    ];
    const written = between(events);
    expect(written.slice(2)).toEqual([
      delta({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] }),
      delta({ tool_calls: [{ index: 0, extra_content: { google: { thought_signature: tagged } } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
      delta({
        reasoning_details: [
          { ...entry('thinking_0_3', 0), signed_text: 'abc' },
          entry('redacted_0_0', 1),
          entry('text_0_2', 2),
        ],
      }),
    ]);
    expect(answerOf([START, ...events, { type: 'message-end', reason: 'tool-use' }])).toMatchObject({
      choices: [
        {
          message: {
            content: 'de',
            reasoning_content: 'abc',
            reasoning_details: [entry('thinking_0_3', 0), entry('redacted_0_0', 1), entry('text_0_2', 2)],
            tool_calls: [{ extra_content: { google: { thought_signature: tagged } } }],
          },
        },
      ],
    });
  });
});

test('an answer without any block has empty content, never an invented text', () => {
  const events: readonly StreamEvent[] = [START, { type: 'message-end', reason: 'refusal' }];
  expect(dataOf(encode(REQUEST, events))).toEqual([delta(ROLE), delta({}, 'content_filter'), '[DONE]']);
  expect(answerOf(events)).toMatchObject({ choices: [{ message: { content: '' }, finish_reason: 'content_filter' }] });
});
