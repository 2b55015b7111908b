import { foldAnswer, readSignature, SIGNATURE_TAG, tagSignature, UNSIGNED } from '@proxycast/conversion';
import { type EncodeAnswerContext, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';
import { eventsOf, foldRawStream } from './testing/raw-stream.ts';

const CONTEXT: EncodeAnswerContext = {
  request: { protocol: 'anthropic', model: 'm', stream: true, turns: [], tools: [] },
  nowMs: 0,
};
const START: StreamEvent = { type: 'message-start', id: 'chatcmpl-01', model: 'claude' };
const END: StreamEvent = { type: 'message-end', reason: 'end' };
const GEMINI = { origin: 'gemini:google', value: 'abc' };
const OWN = { origin: 'anthropic:key', value: 'EqQB' };

const write = (events: readonly StreamEvent[], context = CONTEXT): string => {
  const encoder = createStreamEncoder(context);
  return encoder.push(events) + encoder.end();
};
const said = (...events: readonly StreamEvent[]): readonly StreamEvent[] => [START, ...events, END];
const text = (block: number, ...pieces: readonly string[]): readonly StreamEvent[] => [
  { type: 'text-start', block },
  ...pieces.map((piece): StreamEvent => ({ type: 'text-delta', block, text: piece })),
  { type: 'block-end', block },
];
const call = (block: number, ...pieces: readonly string[]): readonly StreamEvent[] => [
  { type: 'tool-call-start', block, callId: `call_${block}`, name: 'read', kind: 'function' },
  ...pieces.map((json): StreamEvent => ({ type: 'tool-input-delta', block, json })),
  { type: 'block-end', block },
];

/** The content as an SDK has it, which must be what the whole answer has. */
function contentOf(events: readonly StreamEvent[], context = CONTEXT): unknown {
  const message = foldRawStream(eventsOf(write(events, context)));
  const whole = encodeAnswer(foldAnswer(events, { id: '', model: '' }), context);
  expect(whole.content).toEqual(message.content);
  expect(whole.stop_reason).toEqual(message.stop_reason);
  return message.content;
}

const EVENTS: readonly StreamEvent[] = [
  START,
  ...text(0, 'a\n', '"b"😀'),
  ...call(1, '{"path":', '"x"}'),
  ...call(2),
  { type: 'usage', usage: { input: 12, cacheRead: 2, output: 5, reasoning: 3 } },
  { type: 'message-end', reason: 'tool-use' },
];

describe('the stream', () => {
  test('has the events of the API in its order', () => {
    const written = write(EVENTS);
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 2,
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 3 },
    };
    const input = (index: number, json: string): unknown => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json: json },
    });
    const tool = (index: number): unknown => ({
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: `call_${index}`, name: 'read', input: {} },
    });
    expect(eventsOf(written)).toEqual([
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
          usage,
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a\n' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '"b"😀' } },
      { type: 'content_block_stop', index: 0 },
      tool(1),
      input(1, ''),
      input(1, '{"path":'),
      input(1, '"x"}'),
      { type: 'content_block_stop', index: 1 },
      tool(2),
      input(2, ''),
      { type: 'content_block_stop', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ]);
    const excerpt = { framing: 'sse', head: written, tail: written, isWhole: true } as const;
    expect(isStreamComplete(excerpt)).toBe(true);
    expect(readUsage(excerpt)).toEqual({ input: 12, cacheRead: 2, cacheWrite: 0, output: 5, reasoning: 3 });
    for (const frame of written.split('\n\n')) expect(frame).toMatch(/^(event: (\w+)\ndata: \{"type":"\2".*)?$/);
  });

  test('is the same whether events come together or one by one, but for the counts at the start', () => {
    const apart = createStreamEncoder(CONTEXT);
    const split = EVENTS.map((event) => apart.push([event])).join('') + apart.end();
    expect(eventsOf(split).slice(1)).toEqual(eventsOf(write(EVENTS)).slice(1));
  });

  test('says each piece when it comes, and waits with the end for counts that come late', () => {
    const encoder = createStreamEncoder(CONTEXT);
    encoder.push([START, { type: 'text-start', block: 0 }]);
    expect(encoder.push([{ type: 'text-delta', block: 0, text: 'now' }])).toContain('"text":"now"');
    expect(encoder.push([{ type: 'block-end', block: 0 }, END])).not.toContain('message_delta');
    expect(encoder.push([{ type: 'usage', usage: { input: 9, output: 1 } }])).toBe('');
    expect(eventsOf(encoder.end())).toMatchObject([
      { type: 'message_delta', usage: { input_tokens: 9, output_tokens: 1 } },
      { type: 'message_stop' },
    ]);
    expect(encoder.end()).toBe('');
  });

  test.each([
    ['end', 'end_turn'],
    ['length', 'max_tokens'],
    ['context-full', 'model_context_window_exceeded'],
    ['refusal', 'refusal'],
    ['pause', 'pause_turn'],
    ['compaction', 'compaction'],
    ['other', 'end_turn'],
  ] as const)('names the reason %s: %s', (reason, named) => {
    const events = eventsOf(write([START, { type: 'message-end', reason }]));
    expect(events).toMatchObject([
      { message: { content: [] } },
      { delta: { stop_reason: named, stop_sequence: null } },
      {},
    ]);
  });

  test('names the sequence it stopped at', () => {
    const events = eventsOf(write([START, { type: 'message-end', reason: 'stop-sequence', stopSequence: 'END' }]));
    expect(events[1]).toMatchObject({ delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' } });
  });

  test('passes pings, events of its own, and nothing of other dialects', () => {
    const written = write(
      said(
        { type: 'ping' },
        { type: 'extension', protocol: 'anthropic', value: { type: 'x', y: 1 } },
        { type: 'extension', protocol: 'gemini', value: { type: 'z' } },
        { type: 'opaque', protocol: 'responses', value: { type: 'z' }, block: 0 },
        { type: 'block-end', block: 0 },
      ),
    );
    expect(eventsOf(written).map(({ type }) => type)).toEqual([
      'message_start',
      'ping',
      'x',
      'message_delta',
      'message_stop',
    ]);
  });
});

describe('content, in a stream and whole', () => {
  test('bug 7: a text without anything in it is no block', () => {
    expect(contentOf(said(...text(0), ...text(1, '', 'x'), ...text(2, ''), ...call(3)))).toEqual([
      { type: 'text', text: 'x' },
      { type: 'tool_use', id: 'call_3', name: 'read', input: {} },
    ]);
  });

  test('bugs 9, 11, 12: thinking has its signature just before its end, and its index is its own', () => {
    const events = said(
      { type: 'thinking-start', block: 0, kind: 'summary' },
      ...text(1),
      { type: 'thinking-start', block: 2, kind: 'full' },
      { type: 'thinking-delta', block: 2, text: 'one', part: 0 },
      { type: 'signature', block: 2, signature: OWN },
      { type: 'thinking-delta', block: 2, text: 'two', part: 1 },
      { type: 'block-end', block: 2 },
      ...text(3, 'so'),
    );
    expect(contentOf(events)).toEqual([
      { type: 'thinking', thinking: 'one\n\ntwo', signature: 'EqQB' },
      { type: 'text', text: 'so' },
    ]);
    const deltas = eventsOf(write(events)).flatMap(({ delta }) => delta ?? []);
    expect(deltas[2]).toEqual({ type: 'signature_delta', signature: 'EqQB' });
  });

  test('thinking of which a signature is left stays thinking when it is its own, and is redacted when it is not', () => {
    const signed = (block: number, signature: typeof OWN): readonly StreamEvent[] => [
      { type: 'thinking-start', block, kind: 'summary' },
      { type: 'signature', block, signature },
      { type: 'block-end', block },
    ];
    expect(contentOf(said(...signed(0, OWN), ...signed(1, GEMINI)))).toEqual([
      { type: 'thinking', thinking: '', signature: 'EqQB' },
      { type: 'redacted_thinking', data: tagSignature(GEMINI, 'anthropic') },
    ]);
  });

  test('redacted thinking is whole in its start', () => {
    const events = eventsOf(
      write(said({ type: 'redacted-thinking', block: 0, signature: OWN }, { type: 'block-end', block: 0 })),
    );
    expect(events[1]).toEqual({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'redacted_thinking', data: 'EqQB' },
    });
    expect(events[3]).toEqual({ type: 'content_block_stop', index: 0 });
  });

  test('bug 41: the signatures of calls and texts are carried, and come back on what they sign', () => {
    const events = said(
      { type: 'text-start', block: 0, signature: { ...GEMINI, value: 'text' } },
      { type: 'text-delta', block: 0, text: 'so' },
      { type: 'block-end', block: 0 },
      { type: 'tool-call-start', block: 1, callId: 'a', name: 'read', kind: 'function', signature: GEMINI },
      { type: 'block-end', block: 1 },
      ...call(2),
      { type: 'text-start', block: 3, signature: { ...GEMINI, value: 'last' } },
      { type: 'text-delta', block: 3, text: 'and' },
      { type: 'block-end', block: 3 },
      ...call(4),
    );
    const content = contentOf(events);
    const body = {
      model: 'm',
      max_tokens: 1,
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content },
      ],
    };
    const blocks = decodeRequest(body, { isStream: false }).turns[1]?.blocks ?? [];
    const signed = blocks.flatMap((block) =>
      block.type === 'text' || block.type === 'tool-call' ? [block.signature?.value] : [],
    );
    expect(signed).toEqual(['text', 'abc', undefined, 'last', undefined]);
  });

  test('a text stays the last block, since Claude Code takes the last block for its result', () => {
    const empty = (block: number): readonly StreamEvent[] => [
      { type: 'text-start', block, signature: GEMINI },
      { type: 'block-end', block },
    ];
    const text: readonly StreamEvent[] = [
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'so' },
      { type: 'block-end', block: 0 },
    ];
    expect(contentOf(said(...text, ...empty(1)))).toEqual([{ type: 'text', text: 'so' }]);
    // Where something follows there is a place for it.
    expect(contentOf(said(...text, ...empty(1), ...call(2)))).toMatchObject([
      { type: 'text' },
      { type: 'thinking', thinking: '', signature: tagSignature(GEMINI, 'anthropic') },
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'tool_use' },
    ]);
  });

  test('a signature that was made elsewhere is tagged with its origin', () => {
    const content = contentOf(
      said(
        { type: 'thinking-start', block: 0, kind: 'summary' },
        { type: 'thinking-delta', block: 0, text: 'hm' },
        { type: 'signature', block: 0, signature: GEMINI },
        { type: 'block-end', block: 0 },
      ),
    );
    const [block] = Array.isArray(content) ? content : [];
    expect(readSignature(block.signature, 'anthropic')).toEqual(GEMINI);
  });

  test('bugs 51, 52: ids the API would refuse are made to fit, and are themselves again in the next turn', () => {
    const id = 'call|1\nfc_2=';
    const content = contentOf(
      said(
        { type: 'tool-call-start', block: 0, callId: id, name: 'read', kind: 'function' },
        { type: 'block-end', block: 0 },
      ),
    );
    const [block] = Array.isArray(content) ? content : [];
    expect(block.id).toMatch(/^[a-zA-Z0-9_-]+$/);
    const body = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] };
    expect(decodeRequest(body, { isStream: false }).turns[0]?.blocks).toMatchObject([{ callId: id }]);
  });

  test('what stands for an input and is no object is put into one', () => {
    expect(contentOf(said(...call(0, '["a', '\\"b"]')))).toMatchObject([{ input: { _raw: '["a\\"b"]' } }]);
    expect(contentOf(said(...call(0, ' ', '{}')))).toMatchObject([{ input: {} }]);
    const custom: readonly StreamEvent[] = [
      { type: 'tool-call-start', block: 0, callId: 'c', name: 'patch', kind: 'custom' },
      { type: 'tool-input-delta', block: 0, json: 'one "line"\n' },
      { type: 'tool-input-delta', block: 0, json: '😀'.slice(0, 1) },
      { type: 'tool-input-delta', block: 0, json: '😀'.slice(1) },
      { type: 'block-end', block: 0 },
    ];
    expect(contentOf(said(...custom))).toMatchObject([{ input: { input: 'one "line"\n😀' } }]);
  });

  test('a refusal is text, and the reason to stop', () => {
    const events = said(
      { type: 'refusal-start', block: 0 },
      { type: 'refusal-delta', block: 0, text: 'No.' },
      { type: 'block-end', block: 0 },
    );
    expect(contentOf(events)).toEqual([{ type: 'text', text: 'No.' }]);
    expect(eventsOf(write(events)).at(-2)).toMatchObject({ delta: { stop_reason: 'refusal' } });
  });

  test('a search of another service is told in the form clients know; its other tools are not told', () => {
    const search = (block: number, tool: 'web-search' | 'file-search'): readonly StreamEvent[] => [
      { type: 'server-tool-start', block, callId: 'ws_1', tool, name: 'web_search_call' },
      { type: 'server-tool-input-delta', block, json: '{"type":"search",' },
      { type: 'server-tool-input-delta', block, json: '"query":"cats"}' },
      { type: 'block-end', block },
      {
        type: 'server-tool-result',
        block: block + 1,
        callId: 'ws_1',
        tool,
        sources: [{ url: 'https://a.test', title: 'A' }],
      },
      { type: 'block-end', block: block + 1 },
    ];
    const page = { url: 'https://a.test', title: 'A', encrypted_content: UNSIGNED, page_age: null };
    expect(contentOf(said(...search(0, 'web-search'), ...search(2, 'file-search')))).toEqual([
      { type: 'server_tool_use', id: `${SIGNATURE_TAG}_ws_1`, name: 'web_search', input: { query: 'cats' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: `${SIGNATURE_TAG}_ws_1`,
        content: [{ type: 'web_search_result', ...page }],
      },
    ]);
  });

  test.each<readonly [string, 'code-execution' | 'mcp', string, boolean, readonly object[]]>([
    [
      'a program',
      'code-execution',
      '{"language":"PYTHON","code":"print(1)"}',
      false,
      [
        { type: 'server_tool_use', name: 'code_execution', input: { code: 'print(1)' } },
        { type: 'code_execution_tool_result', content: { stdout: 'said', stderr: '', return_code: 0 } },
      ],
    ],
    [
      'a program that failed',
      'code-execution',
      '{"code":"x"}',
      true,
      [
        { type: 'server_tool_use', name: 'code_execution', input: { code: 'x' } },
        { type: 'code_execution_tool_result', content: { stdout: '', stderr: 'said', return_code: 1 } },
      ],
    ],
    [
      'a call of an MCP server',
      'mcp',
      '{"path":"a"}',
      false,
      [
        { type: 'mcp_tool_use', name: 'tool', input: { path: 'a' } },
        { type: 'mcp_tool_result', is_error: false, content: [{ type: 'text', text: 'said' }] },
      ],
    ],
  ])(
    '%s that ran at another service is told as its own, under an id that is not',
    (_, tool, json, isError, expected) => {
      const events = said(
        { type: 'server-tool-start', block: 0, callId: 'call:1', tool, name: 'tool' },
        { type: 'server-tool-input-delta', block: 0, json: json.slice(0, 5) },
        { type: 'server-tool-input-delta', block: 0, json: json.slice(5) },
        { type: 'block-end', block: 0 },
        { type: 'server-tool-result', block: 1, callId: 'call:1', tool, text: 'said', ...(isError ? { isError } : {}) },
        { type: 'block-end', block: 1 },
      );
      const content = contentOf(events);
      expect(content).toMatchObject(expected);
      const [call, result] = Array.isArray(content) ? content : [];
      expect(isObject(call) && String(call.id)).toMatch(new RegExp(`^${SIGNATURE_TAG}_[a-zA-Z0-9_-]+$`));
      expect(isObject(result) && result.tool_use_id).toBe(isObject(call) ? call.id : '');
    },
  );

  test('citations of pages are told, places in documents of others are not', () => {
    const citation = { type: 'url', url: 'https://a.test', title: 'A', startIndex: 0, endIndex: 2 } as const;
    const events = said(
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'so' },
      { type: 'citation', block: 0, citation },
      { type: 'citation', block: 0, citation: { type: 'file', fileId: 'f' } },
      { type: 'block-end', block: 0 },
    );
    expect(contentOf(events)).toMatchObject([
      { text: 'so', citations: [{ type: 'web_search_result_location', url: 'https://a.test', title: 'A' }] },
    ]);
  });

  test('the first of several answers is told; pictures and sounds are not; both are reported', () => {
    const reports: string[] = [];
    const context = { ...CONTEXT, report: (field: string, action: string) => reports.push(`${field} ${action}`) };
    const other = (block: number): readonly StreamEvent[] => [
      { type: 'text-start', block, choice: 1 },
      { type: 'text-delta', block, text: 'other' },
      { type: 'block-end', block },
    ];
    const events = [
      START,
      ...text(0, 'one'),
      ...other(1),
      { type: 'image', block: 2, source: { type: 'url', url: 'https://a.test' } },
      { type: 'block-end', block: 2 },
      { type: 'audio-start', block: 3 },
      { type: 'audio-delta', block: 3, data: 'aaaa' },
      { type: 'block-end', block: 3 },
      { type: 'message-end', reason: 'end' },
      { type: 'message-end', choice: 1, reason: 'length' },
    ] satisfies readonly StreamEvent[];
    expect(contentOf(events, context)).toEqual([{ type: 'text', text: 'one' }]);
    expect(new Set(reports)).toEqual(new Set(['n dropped', 'image dropped', 'audio dropped']));
  });
});

describe('counts', () => {
  const usageAt = (events: readonly StreamEvent[], index: number, context = CONTEXT): unknown => {
    const encoder = createStreamEncoder(context);
    const written = events.map((event) => encoder.push([event])).join('') + encoder.end();
    const event = eventsOf(written).at(index);
    return event?.usage ?? Object(event?.message).usage;
  };

  test('bug 84: a rough count stands at the start where the true one comes at the end', () => {
    const context = { ...CONTEXT, estimatedInputTokens: 1234 };
    const events = said({ type: 'usage', usage: { input: 1000, cacheRead: 600, cacheWrite: 300, output: 7 } });
    expect(usageAt(events, 0, context)).toMatchObject({ input_tokens: 1234, output_tokens: 0 });
    expect(usageAt(events, -2, context)).toEqual({
      input_tokens: 100,
      cache_creation_input_tokens: 300,
      cache_read_input_tokens: 600,
      output_tokens: 7,
    });
  });

  test('bugs 75, 76, 82: all counters are numbers, and none is below 0', () => {
    const events = said({ type: 'usage', usage: { input: 5, cacheRead: 9 } });
    expect(usageAt(events, -2)).toEqual({
      input_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 9,
      output_tokens: 0,
    });
  });

  test('bug 77: an early count does not hide a later, richer one', () => {
    const events = said(
      { type: 'usage', usage: { input: 5, output: 1 } },
      { type: 'usage', usage: { input: 8, cacheRead: 2, output: 4, reasoning: 3 } },
    );
    expect(usageAt(events, -2)).toMatchObject({ input_tokens: 6, cache_read_input_tokens: 2, output_tokens: 4 });
  });
});

describe('a failure', () => {
  const error = new UpstreamError({ code: 'overloaded_error', kind: 'overloaded', message: 'Busy.' });

  test('bugs 23, 24: closes the open block and ends with an error event of the API', () => {
    const encoder = createStreamEncoder(CONTEXT);
    encoder.push([START, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'a' }]);
    expect(eventsOf(encoder.push([{ type: 'error', error }, END]))).toEqual([
      { type: 'content_block_stop', index: 0 },
      {
        type: 'error',
        error: { type: 'overloaded_error', message: 'Busy.', details: { error_code: 'overloaded_error' } },
      },
    ]);
    expect(encoder.push([{ type: 'text-delta', block: 0, text: 'b' }])).toBe('');
    expect(encoder.end()).toBe('');
  });

  test('an answer that never ended is told as cut', () => {
    const written = write([START, ...text(0, 'a')]);
    expect(eventsOf(written).at(-1)).toMatchObject({
      type: 'error',
      error: { details: { error_code: 'upstream_cut' } },
    });
    expect(written).not.toContain('message_stop');
  });
});
