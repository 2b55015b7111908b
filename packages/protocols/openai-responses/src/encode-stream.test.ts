import { foldAnswer } from '@proxycast/conversion';
import type { ChatRequest, StreamEvent } from '@proxycast/spec';
import { UpstreamError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';
import { eventsOf, framesOf, objectsIn } from './testing/recorded.ts';

const NOW_MS = 1_700_000_000_999;
const TOOLS = [{ type: 'function', name: 'read', parameters: { type: 'object' }, strict: false }];
const REQUEST: ChatRequest = decodeRequest(
  { model: 'asked', input: 'hi', instructions: 'be brief', tools: TOOLS, temperature: 0.5, metadata: { k: 'v' } },
  { isStream: true },
);
const CONTEXT = { request: REQUEST, nowMs: NOW_MS };

const START: StreamEvent = { type: 'message-start', id: 'msg_01', model: 'claude' };
const END: StreamEvent = { type: 'message-end', reason: 'end' };
const text = (block: number, ...pieces: readonly string[]): readonly StreamEvent[] => [
  { type: 'text-start', block },
  ...pieces.map((piece) => ({ type: 'text-delta', block, text: piece }) as const),
  { type: 'block-end', block },
];
const call = (block: number, ...pieces: readonly string[]): readonly StreamEvent[] => [
  { type: 'tool-call-start', block, callId: `call_${block}`, name: 'read', kind: 'function' },
  ...pieces.map((json) => ({ type: 'tool-input-delta', block, json }) as const),
  { type: 'block-end', block },
];

function write(...batches: readonly (readonly StreamEvent[])[]): string {
  const encoder = createStreamEncoder(CONTEXT);
  return batches.map((events) => encoder.push(events)).join('') + encoder.end();
}

/** The events, whose numbers and names are checked and left out. */
function eventsIn(written: string): readonly JsonObject[] {
  const frames = framesOf(written);
  return eventsOf(frames).map((event, index) => {
    expect(event).toMatchObject({ type: frames[index]?.event, sequence_number: index });
    const { sequence_number: _, ...rest } = event;
    return rest;
  });
}

const typesIn = (written: string) => eventsIn(written).map(({ type }) => type);
const lastOf = (written: string) => eventsIn(written).at(-1);
function outputOf(written: string): readonly JsonObject[] {
  const response = lastOf(written)?.['response'];
  return objectsIn(isObject(response) ? response['output'] : undefined);
}

const part = (said: string) => ({ type: 'output_text', annotations: [], logprobs: [], text: said });
const message = (index: number, status: string, ...content: readonly JsonObject[]) => ({
  id: `msg_pc_01_${index}`,
  type: 'message',
  status,
  content,
  role: 'assistant',
});
const RESPONSE = {
  id: 'resp_01',
  object: 'response',
  created_at: 1_700_000_000,
  status: 'in_progress',
  completed_at: null,
  error: null,
  incomplete_details: null,
  model: 'claude',
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

test('writes the events of the API in its order, numbered from 0', () => {
  const written = write(
    [START],
    text(0, 'a\n', '"b"😀'),
    call(1, '{"path":', '"x"}'),
    call(2),
    [{ type: 'usage', usage: { input: 12, cacheRead: 2, output: 5 } }],
    [{ type: 'message-end', reason: 'tool-use' }],
  );
  const place = { item_id: 'msg_pc_01_0', output_index: 0 };
  const item = (index: number, status: string, input: string) => ({
    id: `fc_pc_01_${index}`,
    type: 'function_call',
    status,
    arguments: input,
    call_id: `call_${index}`,
    name: 'read',
  });
  const argumentsPlace = (index: number) => ({ item_id: `fc_pc_01_${index}`, output_index: index });
  const said = 'a\n"b"😀';
  expect(eventsIn(written)).toEqual([
    { type: 'response.created', response: RESPONSE },
    { type: 'response.in_progress', response: RESPONSE },
    { type: 'response.output_item.added', output_index: 0, item: message(0, 'in_progress') },
    { type: 'response.content_part.added', ...place, content_index: 0, part: part('') },
    { type: 'response.output_text.delta', ...place, content_index: 0, delta: 'a\n', logprobs: [] },
    { type: 'response.output_text.delta', ...place, content_index: 0, delta: '"b"😀', logprobs: [] },
    { type: 'response.output_text.done', ...place, content_index: 0, text: said, logprobs: [] },
    { type: 'response.content_part.done', ...place, content_index: 0, part: part(said) },
    { type: 'response.output_item.done', output_index: 0, item: message(0, 'completed', part(said)) },
    { type: 'response.output_item.added', output_index: 1, item: item(1, 'in_progress', '') },
    { type: 'response.function_call_arguments.delta', ...argumentsPlace(1), delta: '{"path":' },
    { type: 'response.function_call_arguments.delta', ...argumentsPlace(1), delta: '"x"}' },
    { type: 'response.function_call_arguments.done', ...argumentsPlace(1), name: 'read', arguments: '{"path":"x"}' },
    { type: 'response.output_item.done', output_index: 1, item: item(1, 'completed', '{"path":"x"}') },
    { type: 'response.output_item.added', output_index: 2, item: item(2, 'in_progress', '') },
    { type: 'response.function_call_arguments.done', ...argumentsPlace(2), name: 'read', arguments: '{}' },
    { type: 'response.output_item.done', output_index: 2, item: item(2, 'completed', '{}') },
    {
      type: 'response.completed',
      response: {
        ...RESPONSE,
        status: 'completed',
        completed_at: 1_700_000_000,
        output: [message(0, 'completed', part(said)), item(1, 'completed', '{"path":"x"}'), item(2, 'completed', '{}')],
        usage: {
          input_tokens: 12,
          input_tokens_details: { cached_tokens: 2 },
          output_tokens: 5,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 17,
        },
      },
    },
  ]);
  const excerpt = { framing: 'sse', head: written, tail: written, isWhole: true } as const;
  expect(isStreamComplete(excerpt)).toBe(true);
  expect(readUsage(excerpt)).toEqual({ input: 12, cacheRead: 2, output: 5, reasoning: 0 });
});

test('texts in a row are parts of one message, and what comes between parts them', () => {
  const written = write([START, ...text(0, 'a'), ...text(1, 'b'), ...call(2), ...text(3, 'c'), END]);
  expect(outputOf(written)).toMatchObject([
    { type: 'message', content: [part('a'), part('b')] },
    { type: 'function_call' },
    { type: 'message', content: [part('c')] },
  ]);
});

describe('thinking', () => {
  const signature = { origin: 'anthropic:somewhere', value: 'sig' };

  test('is a summary, its parts as they came, with the tagged signature at the end', () => {
    const written = write([
      START,
      { type: 'thinking-start', block: 0, kind: 'full' },
      { type: 'thinking-delta', block: 0, text: 'One', part: 0 },
      { type: 'thinking-delta', block: 0, text: '.', part: 0 },
      { type: 'thinking-delta', block: 0, text: 'Two.', part: 1 },
      { type: 'signature', block: 0, signature },
      { type: 'block-end', block: 0 },
      ...text(1, 'Hi'),
      END,
    ]);
    expect(typesIn(written).slice(2, 13)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
    ]);
    expect(outputOf(written)[0]).toEqual({
      id: 'rs_pc_01_0',
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'One.' },
        { type: 'summary_text', text: 'Two.' },
      ],
      encrypted_content: expect.stringMatching(/^X3Bjc2ln/),
    });
  });

  test('that says nothing and is not signed is no item', () => {
    const written = write([
      START,
      { type: 'thinking-start', block: 0, kind: 'full' },
      { type: 'block-end', block: 0 },
      ...text(1, 'Hi'),
      END,
    ]);
    expect(outputOf(written)).toMatchObject([{ type: 'message', id: 'msg_pc_01_0' }]);
  });

  test('bug 38: comes back as what it was, and a signature on the block it stood on', () => {
    const events: readonly StreamEvent[] = [
      START,
      { type: 'redacted-thinking', block: 0, signature },
      { type: 'block-end', block: 0 },
      { type: 'thinking-start', block: 1, kind: 'full' },
      { type: 'thinking-delta', block: 1, text: 'Hm.' },
      { type: 'signature', block: 1, signature },
      { type: 'block-end', block: 1 },
      { type: 'tool-call-start', block: 2, callId: 'call_2', name: 'read', kind: 'function', signature },
      { type: 'block-end', block: 2 },
      { type: 'text-start', block: 3 },
      { type: 'text-delta', block: 3, text: 'Hi' },
      { type: 'signature', block: 3, signature },
      { type: 'block-end', block: 3 },
      END,
    ];
    const { turns } = decodeRequest({ model: 'm', input: outputOf(write(events)) }, { isStream: false });
    expect(turns).toHaveLength(1);
    expect(turns[0]?.blocks).toMatchObject([
      { type: 'redacted-thinking', signature },
      { type: 'thinking', parts: ['Hm.'], signature },
      { type: 'tool-call', callId: 'call_2', signature },
      { type: 'text', text: 'Hi', signature },
    ]);
  });
});

test('a signed text that stays empty is no message, and comes back as it was', () => {
  const signature = { origin: 'gemini:somewhere', value: 'sig' };
  const events: readonly StreamEvent[] = [
    START,
    ...text(0, 'Hello'),
    { type: 'text-start', block: 1, signature },
    { type: 'text-delta', block: 1, text: '' },
    { type: 'block-end', block: 1 },
    END,
  ];
  const output = outputOf(write(events));
  expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning']);
  const input = [{ role: 'user', content: 'Hi' }, ...output];
  const { turns } = decodeRequest({ model: 'm', input }, { isStream: true });
  expect(turns.at(-1)?.blocks).toMatchObject([
    { type: 'text', text: 'Hello' },
    { type: 'text', text: '', signature },
  ]);
  // With words it is a message behind its signature.
  const withWords = events.map((event) => (event.type === 'text-delta' ? { ...event, text: 'Words' } : event));
  expect(outputOf(write(withWords)).map(({ type }) => type)).toEqual(['message', 'reasoning', 'message']);
});

test('refusals, citations and pictures have their own forms', () => {
  const written = write([
    START,
    { type: 'text-start', block: 0 },
    { type: 'text-delta', block: 0, text: 'Known.' },
    { type: 'citation', block: 0, citation: { type: 'url', url: 'https://a.example', title: 'A' } },
    { type: 'citation', block: 0, citation: { type: 'document', citedText: 'nothing to name' } },
    { type: 'block-end', block: 0 },
    { type: 'refusal-start', block: 1 },
    { type: 'refusal-delta', block: 1, text: 'No.' },
    { type: 'block-end', block: 1 },
    { type: 'image', block: 2, source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' } },
    { type: 'block-end', block: 2 },
    END,
  ]);
  const annotation = { type: 'url_citation', start_index: 0, end_index: 6, url: 'https://a.example', title: 'A' };
  expect(eventsIn(written)).toContainEqual({
    type: 'response.output_text.annotation.added',
    item_id: 'msg_pc_01_0',
    output_index: 0,
    content_index: 0,
    annotation_index: 0,
    annotation,
  });
  expect(outputOf(written)).toEqual([
    message(0, 'completed', { ...part('Known.'), annotations: [annotation] }, { type: 'refusal', refusal: 'No.' }),
    { id: 'ig_pc_X3Bjc2ln_01_1', type: 'image_generation_call', status: 'completed', result: 'aGk=' },
  ]);
});

test('tools of other services are items of this one where it has them', () => {
  const tool = (
    block: number,
    kind: 'web-search' | 'code-execution' | 'memory',
    json: string,
  ): readonly StreamEvent[] => [
    { type: 'server-tool-start', block, callId: `s_${block}`, tool: kind, name: kind },
    { type: 'server-tool-input-delta', block, json },
    { type: 'block-end', block },
  ];
  const written = write([
    START,
    ...tool(0, 'web-search', '{"query":"q"}'),
    {
      type: 'server-tool-result',
      block: 1,
      callId: 's_0',
      tool: 'web-search',
      sources: [{ url: 'https://a.example' }],
    },
    { type: 'block-end', block: 1 },
    ...tool(2, 'memory', '{}'),
    ...tool(3, 'code-execution', '{"code":"1"}'),
    { type: 'server-tool-result', block: 4, callId: 's_3', tool: 'code-execution', text: '1' },
    { type: 'block-end', block: 4 },
    { type: 'opaque', block: 5, protocol: 'elsewhere', value: { type: 'odd' } },
    { type: 'block-end', block: 5 },
    END,
  ]);
  const sources = [{ type: 'url', url: 'https://a.example' }];
  expect(outputOf(written)).toEqual([
    {
      id: 'ws_pc_X3Bjc2ln_01_0',
      type: 'web_search_call',
      status: 'completed',
      action: { type: 'search', query: 'q', queries: ['q'], sources },
    },
    {
      id: 'ci_pc_X3Bjc2ln_01_1',
      type: 'code_interpreter_call',
      status: 'completed',
      code: '1',
      container_id: '',
      outputs: [{ type: 'logs', logs: '1' }],
    },
  ]);
});

test('free text of a tool is its input', () => {
  const written = write([
    START,
    { type: 'tool-call-start', block: 0, callId: 'call_0', name: 'patch', kind: 'custom', namespace: 'files' },
    { type: 'tool-input-delta', block: 0, json: '*** Begin' },
    { type: 'block-end', block: 0 },
    { type: 'message-end', reason: 'tool-use' },
  ]);
  expect(outputOf(written)).toEqual([
    {
      id: 'ctc_pc_01_0',
      type: 'custom_tool_call',
      status: 'completed',
      input: '*** Begin',
      call_id: 'call_0',
      name: 'patch',
      namespace: 'files',
    },
  ]);
  expect(typesIn(written)).toContain('response.custom_tool_call_input.done');
});

describe('the end', () => {
  test.each([
    ['length', 'incomplete', 'max_output_tokens'],
    ['context-full', 'incomplete', 'max_output_tokens'],
    ['refusal', 'incomplete', 'content_filter'],
    ['stop-sequence', 'completed', undefined],
    ['pause', 'completed', undefined],
    ['other', 'completed', undefined],
  ] as const)('bug 29: an answer that ended by %s is %s for %s', (reason, status, said) => {
    const written = write([START, ...text(0, 'a'), { type: 'message-end', reason }]);
    expect(lastOf(written)).toMatchObject({
      type: `response.${status}`,
      response: { status, incomplete_details: said === undefined ? null : { reason: said } },
    });
  });

  test('a refusal in words is completed', () => {
    const written = write([
      START,
      { type: 'refusal-start', block: 0 },
      { type: 'refusal-delta', block: 0, text: 'No.' },
      { type: 'block-end', block: 0 },
      { type: 'message-end', reason: 'refusal' },
    ]);
    expect(lastOf(written)).toMatchObject({ type: 'response.completed' });
  });

  test('a call that the length cut is incomplete, with what there is of it', () => {
    const written = write([START, ...call(0, '{"pa')], [{ type: 'message-end', reason: 'length' }]);
    expect(outputOf(written)).toMatchObject([{ status: 'incomplete', arguments: '{"pa' }]);
  });

  test('usage that comes after it is in it', () => {
    const written = write([START, END], [{ type: 'usage', usage: { input: 1, output: 2 } }]);
    expect(lastOf(written)).toMatchObject({
      response: { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
    });
  });

  test('an answer of nothing is completed, with nothing', () => {
    expect(lastOf(write([START, END]))).toMatchObject({ type: 'response.completed', response: { output: [] } });
  });
});

describe('an error', () => {
  const error = new UpstreamError({ code: 'upstream_cut', message: 'Cut off.' });
  const failed = { status: 'failed', error: { code: 'upstream_cut', message: 'Cut off.' } };

  test('bug 24: lets the response fail, items closed, and nothing follows', () => {
    const encoder = createStreamEncoder(CONTEXT);
    const [start, delta, end] = text(0, 'Hel');
    if (start === undefined || delta === undefined || end === undefined) throw new TypeError('no events');
    const written = encoder.push([START, start, delta]) + encoder.push([end, { type: 'error', error }]);
    expect(typesIn(written).slice(-4)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.failed',
    ]);
    expect(lastOf(written)).toMatchObject({
      response: { id: 'resp_01', ...failed, output: [{ status: 'incomplete' }] },
    });
    expect(encoder.push([END]) + encoder.end()).toBe('');
  });

  test('leaves no half call that looks whole, and no half program', () => {
    const patch: readonly StreamEvent[] = [
      { type: 'tool-call-start', block: 1, callId: 'call_1', name: 'sh', kind: 'custom' },
      { type: 'tool-input-delta', block: 1, json: 'rm -rf /tmp' },
      { type: 'block-end', block: 1 },
    ];
    const written = write([START, ...call(0, '{"pa')], [...patch, { type: 'error', error }]);
    expect(outputOf(written)).toMatchObject([
      { type: 'function_call', status: 'incomplete', arguments: '{"pa' },
      { type: 'custom_tool_call', status: 'incomplete', input: '' },
    ]);
    expect(typesIn(written).filter((type) => String(type).endsWith('arguments.done'))).toEqual([]);
  });

  test('before anything is an error event', () => {
    expect(eventsIn(write([{ type: 'error', error }]))).toEqual([
      { type: 'error', code: 'upstream_cut', message: 'Cut off.', param: null },
    ]);
  });

  test('is what an answer becomes that never ended', () => {
    expect(lastOf(write([START, ...text(0, 'Hel')]))).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'upstream_cut' } },
    });
    expect(lastOf(write([]))).toMatchObject({ type: 'error', code: 'upstream_cut' });
  });
});

test('bug 22: a ping keeps the connection open without an event', () => {
  const encoder = createStreamEncoder(CONTEXT);
  expect(encoder.push([{ type: 'ping' }])).toBe(': keep-alive\n\n');
});

test('of several answers the first is written', () => {
  const written = write([
    START,
    { type: 'text-start', block: 0 },
    { type: 'text-start', block: 1, choice: 1 },
    { type: 'text-delta', block: 1, text: 'other' },
    { type: 'text-delta', block: 0, text: 'first' },
    { type: 'block-end', block: 1 },
    { type: 'block-end', block: 0 },
    { type: 'message-end', choice: 1, reason: 'length' },
    END,
  ]);
  expect(lastOf(written)).toMatchObject({ type: 'response.completed' });
  expect(outputOf(written)).toMatchObject([{ content: [part('first')] }]);
});

test('a whole answer is the response of the last event', () => {
  const events: readonly StreamEvent[] = [
    START,
    ...text(0, 'a'),
    ...call(1, '{"a":1}'),
    { type: 'usage', usage: { input: 1, output: 2 } },
    { type: 'message-end', reason: 'tool-use' },
  ];
  const answer = encodeAnswer(foldAnswer(events, { id: 'x', model: 'y' }), CONTEXT);
  expect(answer).toEqual(lastOf(write(events))?.['response']);
});

test('log-probabilities are in the deltas, the done events and the item', () => {
  const written = write([
    START,
    { type: 'text-start', block: 0 },
    {
      type: 'text-delta',
      block: 0,
      text: 'Hi',
      logprobs: [{ token: 'Hi', logprob: -1, top: [{ token: 'Ho', logprob: -2 }] }],
    },
    { type: 'block-end', block: 0 },
    END,
  ]);
  const logprobs = [{ token: 'Hi', logprob: -1, top_logprobs: [{ token: 'Ho', logprob: -2 }] }];
  const events = eventsIn(written);
  expect(events.filter((event) => 'logprobs' in event).map((event) => event['logprobs'])).toEqual([logprobs, logprobs]);
  expect(outputOf(written)).toMatchObject([{ content: [{ logprobs }] }]);
});
