import { foldAnswer } from '@proxycast/conversion';
import type { ChatBlock, Frame, StreamEvent } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeAnswer } from './decode-answer.ts';
import { createStreamDecoder } from './decode-stream.ts';
import { framesOf } from './testing/recorded.ts';

const CONTEXT = { origin: 'responses:somewhere', fallbackId: 'fallback', model: 'asked' };

const frame = (type: string, fields: JsonObject = {}): Frame => ({
  event: type,
  data: JSON.stringify({ type, ...fields }),
});

const CREATED = frame('response.created', {
  response: { id: 'resp_1', model: 'gpt', created_at: 7, status: 'in_progress', output: [] },
});
const USAGE = { input_tokens: 9, output_tokens: 4, total_tokens: 13 };
const completed = (output: readonly JsonObject[] = [], fields: JsonObject = {}): Frame =>
  frame('response.completed', { response: { id: 'resp_1', status: 'completed', output, usage: USAGE, ...fields } });

const added = (index: number, item: JsonObject): Frame =>
  frame('response.output_item.added', { output_index: index, item });
const done = (index: number, item: JsonObject): Frame =>
  frame('response.output_item.done', { output_index: index, item });
const CALL = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'read' };
const MESSAGE = { type: 'message', id: 'msg_1', role: 'assistant' };
const part = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
const textDelta = (index: number, delta: string, fields: JsonObject = {}): Frame =>
  frame('response.output_text.delta', { output_index: index, content_index: 0, delta, ...fields });
const argumentsDelta = (index: number, delta: string): Frame =>
  frame('response.function_call_arguments.delta', { output_index: index, delta });

function decode(...frames: readonly Frame[]): readonly StreamEvent[] {
  const decoder = createStreamDecoder(CONTEXT);
  return [...frames.flatMap((one) => decoder.push([one])), ...decoder.end()];
}

const answer = (...frames: readonly Frame[]) => foldAnswer(decode(...frames), { id: 'x', model: 'y' });
const blocksOf = (...frames: readonly Frame[]): readonly ChatBlock[] => answer(...frames).choices[0]?.blocks ?? [];
/** The text or input of each block, in order. */
const saidOf = (...frames: readonly Frame[]): readonly unknown[] =>
  blocksOf(...frames).map((block) => {
    if (block.type === 'thinking') return block.parts;
    if (block.type === 'tool-call' || block.type === 'server-tool-call') return block.input;
    return 'text' in block ? block.text : block.type;
  });
const errorOf = (events: readonly StreamEvent[]) => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error : undefined;
};

describe('what only a later event says', () => {
  const whole = { ...CALL, arguments: '{"path":"x"}' };

  test.each([
    [
      'arguments.done',
      [
        added(0, CALL),
        frame('response.function_call_arguments.done', { output_index: 0, arguments: whole.arguments }),
        done(0, whole),
      ],
    ],
    ['output_item.done', [added(0, CALL), done(0, whole)]],
    ['output_item.done alone', [done(0, whole)]],
    ['the final event', [added(0, CALL)]],
    ['the item when it was added', [added(0, whole), done(0, CALL)]],
  ] as const)('bugs 1, 2: the arguments come from %s', (_name, frames) => {
    expect(saidOf(CREATED, ...frames, completed([whole]))).toEqual(['{"path":"x"}']);
  });

  test('an item that was only added is what it says', () => {
    const frames = [
      added(0, { ...MESSAGE, content: [part('Hi')] }),
      added(1, { ...MESSAGE, id: 'msg_2', content: [] }),
    ];
    expect(saidOf(CREATED, ...frames, completed())).toEqual(['Hi']);
  });

  test('nothing comes twice', () => {
    const frames = [
      added(0, CALL),
      argumentsDelta(0, '{"path":'),
      argumentsDelta(0, '"x"}'),
      frame('response.function_call_arguments.done', { output_index: 0, arguments: whole.arguments }),
      done(0, whole),
      added(1, MESSAGE),
      frame('response.content_part.added', { output_index: 1, content_index: 0, part: part('') }),
      textDelta(1, 'Hello'),
      frame('response.output_text.done', { output_index: 1, content_index: 0, text: 'Hello', logprobs: [] }),
      frame('response.content_part.done', { output_index: 1, content_index: 0, part: part('Hello') }),
      done(1, { ...MESSAGE, content: [part('Hello')] }),
    ];
    expect(saidOf(CREATED, ...frames, completed([whole, { ...MESSAGE, content: [part('Hello')] }]))).toEqual([
      '{"path":"x"}',
      'Hello',
    ]);
  });

  test('the rest of a text whose last deltas are missing comes from its done event', () => {
    const frames = [added(0, MESSAGE), textDelta(0, 'Hel'), done(0, { ...MESSAGE, content: [part('Hello')] })];
    expect(saidOf(CREATED, ...frames, completed())).toEqual(['Hello']);
  });

  test('a done event that says something else changes nothing', () => {
    const frames = [
      added(0, CALL),
      argumentsDelta(0, '{"a":1}'),
      done(0, { ...CALL, arguments: '{ "a": 1, "b": 2 }' }),
    ];
    expect(saidOf(CREATED, ...frames, completed())).toEqual(['{"a":1}']);
  });

  test('bug 20: items that were never streamed come with the final event', () => {
    const output = [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
      { ...MESSAGE, content: [part('Hi')] },
      whole,
    ];
    const [streamed] = answer(CREATED, completed(output)).choices;
    const [decoded] = decodeAnswer({ object: 'response', output }, CONTEXT).choices;
    expect(streamed?.blocks).toEqual(decoded?.blocks);
    expect(streamed?.reason).toBe('tool-use');
    expect(saidOf(CREATED, completed(output))).toEqual([['hm'], 'Hi', '{"path":"x"}']);
  });

  test('a service that counts its items otherwise in the stream has no item twice', () => {
    const frames = [added(1, MESSAGE), textDelta(1, 'Hi'), done(1, { ...MESSAGE, content: [part('Hi')] })];
    expect(saidOf(CREATED, ...frames, completed([{ ...MESSAGE, content: [part('Hi')] }]))).toEqual(['Hi']);
  });

  test('parts and annotations that no event spoke of are said', () => {
    const cited = { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 2 };
    const content = [{ ...part('One'), annotations: [cited] }, part('Two'), { type: 'refusal', refusal: 'No.' }];
    const blocks = blocksOf(
      CREATED,
      added(0, MESSAGE),
      textDelta(0, 'One'),
      done(0, { ...MESSAGE, content }),
      completed(),
    );
    expect(blocks).toMatchObject([
      {
        type: 'text',
        text: 'One',
        citations: [{ type: 'url', url: 'https://a.example', title: 'A', startIndex: 0, endIndex: 2 }],
      },
      { type: 'text', text: 'Two' },
      { type: 'refusal', text: 'No.' },
    ]);
  });
});

describe('the end', () => {
  test.each([
    [completed(), 'end', 'completed'],
    [completed([], { status: 'complete' }), 'end', 'complete'],
    [
      frame('response.incomplete', {
        response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      }),
      'length',
      'max_output_tokens',
    ],
    [
      frame('response.incomplete', { response: { incomplete_details: { reason: 'content_filter' } } }),
      'refusal',
      'content_filter',
    ],
    [frame('response.incomplete', { response: {} }), 'other', 'incomplete'],
    [frame('response.completed', {}), 'end', 'completed'],
  ] as const)('%j ends for %s', (last, reason, upstreamReason) => {
    expect(decode(CREATED, last).at(-1)).toMatchObject({ type: 'message-end', reason, upstreamReason });
  });

  test('a call makes a natural end one for tools, and a length stays a length', () => {
    const call = [added(0, CALL), argumentsDelta(0, '{}'), done(0, { ...CALL, arguments: '{}' })];
    expect(decode(CREATED, ...call, completed()).at(-1)).toMatchObject({ reason: 'tool-use' });
    const cut = frame('response.incomplete', { response: { incomplete_details: { reason: 'max_output_tokens' } } });
    expect(decode(CREATED, ...call, cut).at(-1)).toMatchObject({ reason: 'length' });
  });

  test('a refusal in words is one', () => {
    const refusal = frame('response.refusal.delta', { output_index: 0, content_index: 0, delta: 'No.' });
    expect(decode(CREATED, added(0, MESSAGE), refusal, completed()).at(-1)).toMatchObject({ reason: 'refusal' });
  });

  test('a service that only closes its list has completed; one that said nothing has not', () => {
    const closing: Frame = { data: '[DONE]' };
    expect(decode(CREATED, added(0, MESSAGE), textDelta(0, 'x'), closing).at(-1)).toMatchObject({
      type: 'message-end',
      reason: 'end',
    });
    expect(errorOf(decode(CREATED, closing))).toMatchObject({ code: 'upstream_cut' });
    expect(decode(CREATED, completed(), closing).at(-1)).toMatchObject({ type: 'message-end' });
  });

  test('bug 23: a stream that was cut is the fault of the upstream, and open blocks end before', () => {
    const events = decode(CREATED, added(0, MESSAGE), textDelta(0, 'Hel'));
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['block-end', 'error']);
    expect(errorOf(events)).toMatchObject({ code: 'upstream_cut', kind: 'upstream-failed', fault: 'upstream' });
    expect(errorOf(decode())).toMatchObject({ code: 'upstream_cut' });
  });

  test.each([
    ['flat', frame('error', { code: 'rate_limit_exceeded', message: 'Slow down.', param: null })],
    ['nested', frame('error', { error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'Slow down.' } })],
    ['without a type', { data: '{"error":{"code":"rate_limit_exceeded","message":"Slow down."}}' }],
    ['named by its frame', { event: 'error', data: '{"code":"rate_limit_exceeded","message":"Slow down."}' }],
    [
      'as a response that failed',
      frame('response.failed', {
        response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
      }),
    ],
  ])('an error %s is the last event', (_name, error) => {
    const events = decode(CREATED, added(0, CALL), argumentsDelta(0, '{'), error, completed());
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['block-end', 'error']);
    expect(errorOf(events)).toMatchObject({ kind: 'rate-limited', code: 'rate_limit_exceeded', message: 'Slow down.' });
  });

  test.each([
    [
      'a response that failed without a word',
      frame('response.failed', { response: { status: 'failed', error: null } }),
      'upstream_failed',
    ],
    [
      'a response that was cancelled',
      frame('response.cancelled', { response: { status: 'cancelled' } }),
      'response_cancelled',
    ],
    ['what is no JSON', { data: '{"type":"response.outp' }, 'upstream_invalid_frame'],
  ])('%s is an error', (_name, last, code) => {
    expect(errorOf(decode(CREATED, last, completed()))).toMatchObject({ code });
  });
});

describe('odd streams', () => {
  test('bug 21: events nobody knows, and values that are none, end nothing', () => {
    const odd: readonly Frame[] = [
      frame('response.unheard_of', { output_index: 4 }),
      frame('vendor.note', { note: 1 }),
      { data: 'null' },
      { data: '[]' },
      { data: '7' },
      { data: '{}' },
      { data: '' },
    ];
    const events = decode(
      ...odd,
      CREATED,
      ...odd,
      added(0, MESSAGE),
      ...odd,
      textDelta(0, 'Hi'),
      ...odd,
      completed(),
      ...odd,
    );
    expect(foldAnswer(events, { id: 'x', model: 'y' }).choices[0]?.blocks).toMatchObject([{ text: 'Hi' }]);
    expect(events.filter(({ type }) => type === 'message-start')).toHaveLength(1);
    expect(events.find((event) => event.type === 'extension')).toMatchObject({
      protocol: 'responses',
      value: { type: 'response.unheard_of' },
    });
  });

  test('ids that change from event to event do not matter', () => {
    const frames = [
      added(0, { ...CALL, id: 'a' }),
      argumentsDelta(0, '{"x"'),
      frame('response.function_call_arguments.delta', { output_index: 0, item_id: 'b', delta: ':1}' }),
      done(0, { ...CALL, id: 'c', arguments: '{"x":1}' }),
    ];
    expect(saidOf(CREATED, ...frames, completed([{ ...CALL, id: 'd', arguments: '{"x":1}' }]))).toEqual(['{"x":1}']);
  });

  test('items that overlap are kept apart', () => {
    const second = { ...CALL, call_id: 'call_2', name: 'list' };
    const events = decode(
      CREATED,
      added(0, CALL),
      added(1, second),
      argumentsDelta(1, '{"b"'),
      argumentsDelta(0, '{"a"'),
      argumentsDelta(1, ':2}'),
      argumentsDelta(0, ':1}'),
      done(1, { ...second, arguments: '{"b":2}' }),
      done(0, { ...CALL, arguments: '{"a":1}' }),
      completed(),
    );
    expect(foldAnswer(events, { id: 'x', model: 'y' }).choices[0]?.blocks).toMatchObject([
      { callId: 'call_1', name: 'read', input: '{"a":1}' },
      { callId: 'call_2', name: 'list', input: '{"b":2}' },
    ]);
  });

  test('deltas of an item that was never added are said', () => {
    expect(saidOf(textDelta(0, 'Hi'), completed())).toEqual(['Hi']);
    expect(decode(textDelta(0, 'Hi')).at(0)).toMatchObject({ type: 'message-start', id: 'fallback', model: 'asked' });
  });

  test('a call whose name comes late begins then, with all its input', () => {
    const frames = [
      added(0, { type: 'function_call', call_id: 'call_1' }),
      argumentsDelta(0, '{"a":1'),
      frame('response.function_call_arguments.done', { output_index: 0, name: 'read', arguments: '{"a":1}' }),
    ];
    expect(blocksOf(CREATED, ...frames, completed())).toMatchObject([
      { name: 'read', callId: 'call_1', input: '{"a":1}' },
    ]);
  });

  test('a call without an id of its own has the id of its item', () => {
    expect(
      blocksOf(CREATED, done(0, { type: 'function_call', id: 'fc_9', name: 'read', arguments: '{}' }), completed()),
    ).toMatchObject([{ callId: 'fc_9' }]);
  });

  test('arguments as an object are their JSON', () => {
    expect(saidOf(CREATED, done(0, { ...CALL, arguments: { a: 1 } }), completed())).toEqual(['{"a":1}']);
  });

  test('a keepalive is a ping', () => {
    expect(decode(CREATED, frame('keepalive', { sequence_number: 3 })).some(({ type }) => type === 'ping')).toBe(true);
  });
});

describe('reasoning', () => {
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'before' };
  const summaryDelta = (index: number, delta: string): Frame =>
    frame('response.reasoning_summary_text.delta', { output_index: 0, summary_index: index, delta });

  test('has the parts of its summary, and the signature of its end', () => {
    const summary = [
      { type: 'summary_text', text: 'One.' },
      { type: 'summary_text', text: 'Two.' },
    ];
    const blocks = blocksOf(
      CREATED,
      added(0, reasoning),
      summaryDelta(0, 'One.'),
      summaryDelta(1, 'Tw'),
      frame('response.reasoning_summary_text.done', { output_index: 0, summary_index: 1, text: 'Two.' }),
      done(0, { ...reasoning, summary, encrypted_content: 'after' }),
      completed(),
    );
    expect(blocks).toMatchObject([
      {
        type: 'thinking',
        kind: 'summary',
        parts: ['One.', 'Two.'],
        signature: { origin: 'responses:somewhere', value: 'after' },
      },
    ]);
  });

  test('of which only the encrypted form is given is redacted; of which only the id, opaque', () => {
    expect(
      blocksOf(CREATED, added(0, reasoning), done(0, { ...reasoning, encrypted_content: 'after' }), completed()),
    ).toMatchObject([{ type: 'redacted-thinking', signature: { value: 'after' } }]);
    const bare = { type: 'reasoning', id: 'rs_1', summary: [] };
    expect(blocksOf(CREATED, added(0, bare), done(0, bare), completed())).toMatchObject([
      { type: 'opaque', protocol: 'responses', value: bare },
    ]);
  });

  test('of open models is the raw text', () => {
    const content = [{ type: 'reasoning_text', text: 'Thinking.' }];
    const raw = frame('response.reasoning_text.delta', { output_index: 0, content_index: 0, delta: 'Think' });
    expect(
      blocksOf(
        CREATED,
        added(0, { type: 'reasoning', summary: [] }),
        raw,
        done(0, { type: 'reasoning', summary: [], content }),
        completed(),
      ),
    ).toMatchObject([{ type: 'thinking', kind: 'full', parts: ['Thinking.'] }]);
  });
});

test('tools of the service are blocks with their results', () => {
  const search = { type: 'web_search_call', id: 'ws_1', status: 'in_progress' };
  const sources = [{ type: 'url', url: 'https://a.example' }];
  const code = {
    type: 'code_interpreter_call',
    id: 'ci_1',
    code: 'print(1)',
    container_id: 'c',
    outputs: [{ type: 'logs', logs: '1' }],
  };
  const image = {
    type: 'image_generation_call',
    id: 'ig_1',
    status: 'completed',
    result: 'aGk=',
    output_format: 'webp',
  };
  const blocks = blocksOf(
    CREATED,
    added(0, search),
    frame('response.web_search_call.searching', { output_index: 0 }),
    done(0, { ...search, status: 'completed', action: { type: 'search', query: 'q', sources } }),
    done(1, code),
    done(2, image),
    completed(),
  );
  expect(blocks).toMatchObject([
    {
      type: 'server-tool-call',
      callId: 'ws_1',
      tool: 'web-search',
      name: 'web_search',
      input: '{"type":"search","query":"q"}',
    },
    { type: 'server-tool-result', callId: 'ws_1', tool: 'web-search', sources: [{ url: 'https://a.example' }] },
    { type: 'server-tool-call', callId: 'ci_1', tool: 'code-execution', input: '{"code":"print(1)"}' },
    { type: 'server-tool-result', callId: 'ci_1', text: '1' },
    { type: 'image', source: { type: 'base64', mediaType: 'image/webp', data: 'aGk=' } },
  ]);
});

test('log-probabilities travel with the text', () => {
  const token = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [{ token: 'Ho', logprob: -1 }] };
  const expected = [{ token: 'Hi', logprob: -0.5, bytes: [72, 105], top: [{ token: 'Ho', logprob: -1 }] }];
  expect(blocksOf(CREATED, added(0, MESSAGE), textDelta(0, 'Hi', { logprobs: [token] }), completed())).toMatchObject([
    { text: 'Hi', logprobs: expected },
  ]);
  const late = done(0, { ...MESSAGE, content: [{ ...part('Hi'), logprobs: [token] }] });
  expect(blocksOf(CREATED, added(0, MESSAGE), textDelta(0, 'Hi'), late, completed())).toMatchObject([
    { text: 'Hi', logprobs: expected },
  ]);
});

test('bug 74: the usage of a stream has its cache and its reasoning', () => {
  const usage = {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 8, cache_write_tokens: 3 },
    output_tokens: 6,
    output_tokens_details: { reasoning_tokens: 2 },
    total_tokens: 26,
    cost: 0.1,
  };
  expect(answer(CREATED, completed([], { usage })).usage).toEqual({
    input: 20,
    cacheRead: 8,
    cacheWrite: 3,
    output: 6,
    reasoning: 2,
    extensions: { responses: { cost: 0.1 } },
  });
});

test('frames of a real framing are read', () => {
  const text =
    'event: response.created\r\ndata: {"type":"response.created","response":{"id":"r","model":"m"}}\r\n\r\n: comment\r\n\r\n';
  expect(createStreamDecoder(CONTEXT).push(framesOf(text))).toMatchObject([
    { type: 'message-start', id: 'r', model: 'm' },
    { type: 'extension' },
  ]);
});
