import { foldAnswer, UNSIGNED } from '@proxycast/conversion';
import { type ChatRequest, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';
import { renderStreamError } from './render-error.ts';

const REQUEST: ChatRequest = { protocol: 'gemini', model: 'asked', stream: true, turns: [], tools: [] };
const CONTEXT = { request: REQUEST, nowMs: 0 };
const EVENTS: readonly StreamEvent[] = [
  { type: 'message-start', id: '01', model: 'gemini' },
  { type: 'usage', usage: { input: 12, cacheRead: 2 } },
  { type: 'text-start', block: 0 },
  { type: 'text-delta', block: 0, text: 'a\n' },
  { type: 'text-delta', block: 0, text: '"b"😀' },
  { type: 'block-end', block: 0 },
  { type: 'tool-call-start', block: 1, callId: 'call_1', name: 'read', kind: 'function' },
  { type: 'tool-input-delta', block: 1, json: '{"path":' },
  { type: 'tool-input-delta', block: 1, json: '"x"}' },
  { type: 'block-end', block: 1 },
  { type: 'tool-call-start', block: 2, callId: 'call_2', name: 'list', kind: 'function' },
  { type: 'block-end', block: 2 },
  { type: 'message-end', reason: 'tool-use' },
  { type: 'usage', usage: { output: 5, reasoning: 1 } },
];
const CUT = new UpstreamError({ code: 'upstream_cut', message: 'Cut off.' });
const EARLY = { promptTokenCount: 12, totalTokenCount: 12, cachedContentTokenCount: 2 };
const FINAL = {
  promptTokenCount: 12,
  candidatesTokenCount: 4,
  totalTokenCount: 17,
  cachedContentTokenCount: 2,
  thoughtsTokenCount: 1,
};
const CALLS = [
  { functionCall: { id: 'call_1', name: 'read', args: { path: 'x' } }, thoughtSignature: UNSIGNED },
  { functionCall: { id: 'call_2', name: 'list', args: {} } },
];
const chunk = (parts: readonly unknown[], usageMetadata: unknown, finish = {}): unknown => ({
  candidates: [{ content: { parts, role: 'model' }, ...finish, index: 0 }],
  usageMetadata,
  modelVersion: 'gemini',
  responseId: '01',
});
const CHUNKS = [
  chunk([{ text: 'a\n' }], EARLY),
  chunk([{ text: '"b"😀' }], EARLY),
  ...CALLS.map((call) => chunk([call], EARLY)),
  chunk([{ text: '' }], FINAL, { finishReason: 'STOP' }),
];

function encode(framing: 'sse' | 'json-array', events: readonly StreamEvent[]): string {
  const encoder = createStreamEncoder({ framing, ...CONTEXT });
  return events.map((event) => encoder.push([event])).join('') + encoder.end();
}

describe.each(['sse', 'json-array'] as const)('a stream as %s', (framing) => {
  const read = (text: string): unknown =>
    framing === 'json-array'
      ? parseJson(text)
      : text
          .split('\r\n\r\n')
          .filter((frame) => frame !== '')
          .map((frame) => parseJson(frame.replace(/^data: /, '')));
  const excerpt = (text: string) => ({ framing, head: text, tail: text, isWhole: true });

  test('holds the chunks of the API, calls whole, the reason to stop in the last', () => {
    const text = encode(framing, EVENTS);
    expect(read(text)).toEqual(CHUNKS);
    expect(isStreamComplete(excerpt(text))).toBe(true);
    expect(readUsage(excerpt(text))).toEqual({ input: 12, cacheRead: 2, output: 5, reasoning: 1 });
  });

  test('does not end a message that never ended, and an error ends it', () => {
    const text = encode(framing, EVENTS.slice(0, 4));
    expect(isStreamComplete(excerpt(text))).toBe(false);
    const ended = text + renderStreamError(CUT, excerpt(text));
    expect(read(ended)).toEqual([CHUNKS[0], expect.objectContaining({ error: expect.anything() })]);
    expect(isStreamComplete(excerpt(ended))).toBe(true);
  });
});

test('a whole answer holds the same', () => {
  expect(encodeAnswer(foldAnswer(EVENTS, { id: '', model: '' }), CONTEXT)).toEqual(
    chunk([{ text: 'a\n"b"😀' }, ...CALLS], FINAL, { finishReason: 'STOP' }),
  );
});

describe('what the dialect has in its own way', () => {
  const START: StreamEvent = { type: 'message-start', id: 'r', model: 'm' };
  const END: StreamEvent = { type: 'message-end', reason: 'end' };
  const chunksOf = (events: readonly StreamEvent[], request: ChatRequest = REQUEST): readonly JsonObject[] => {
    const encoder = createStreamEncoder({ framing: 'json-array', request, nowMs: 0 });
    const chunks = parseJson(encoder.push([START, ...events]) + encoder.end());
    return Array.isArray(chunks) ? chunks.filter(isObject) : [];
  };
  const candidatesOf = (events: readonly StreamEvent[], request?: ChatRequest): readonly JsonObject[] =>
    chunksOf(events, request).flatMap(({ candidates }) =>
      Array.isArray(candidates) ? candidates.filter(isObject) : [],
    );
  const partsOf = (events: readonly StreamEvent[], request?: ChatRequest): readonly JsonObject[] =>
    candidatesOf([...events, END], request)
      .slice(0, -1)
      .flatMap(({ content }) =>
        isObject(content) && Array.isArray(content.parts) ? content.parts.filter(isObject) : [],
      );

  test('parts of a summary are apart by a blank line', () => {
    const events: readonly StreamEvent[] = [
      { type: 'thinking-start', kind: 'summary', block: 0 },
      { type: 'thinking-delta', block: 0, text: 'a', part: 0 },
      { type: 'thinking-delta', block: 0, text: 'b', part: 0 },
      { type: 'thinking-delta', block: 0, text: 'c', part: 1 },
      { type: 'block-end', block: 0 },
    ];
    expect(partsOf(events)).toEqual([
      { text: 'a', thought: true },
      { text: 'b', thought: true },
      { text: '\n\nc', thought: true },
    ]);
    const request: ChatRequest = { ...REQUEST, reasoning: { mode: 'on', budget: 100, display: 'omitted' } };
    expect(partsOf(events, request)).toEqual([]);
  });

  test('a call whose input is no object keeps its text, and one without input has none', () => {
    const call = (block: number, json?: string): readonly StreamEvent[] => [
      { type: 'tool-call-start', block, callId: `c${block}`, name: 'a', kind: 'function' },
      ...(json === undefined ? [] : [{ type: 'tool-input-delta', block, json } as const]),
      { type: 'block-end', block },
    ];
    expect(partsOf([...call(0, '{"x":'), ...call(1)])).toEqual([
      { functionCall: { id: 'c0', name: 'a', args: { _raw: '{"x":' } }, thoughtSignature: UNSIGNED },
      { functionCall: { id: 'c1', name: 'a', args: {} } },
    ]);
  });

  test('ids that were made here are not shown', () => {
    expect(
      partsOf([
        { type: 'tool-call-start', block: 0, callId: 'gcall_1', name: 'a', kind: 'function' },
        { type: 'block-end', block: 0 },
      ]),
    ).toEqual([{ functionCall: { name: 'a', args: {} } }]);
  });

  test('a signed text has its signature on its first piece, or on a piece of its own', () => {
    const signature = { origin: 'gemini:x', value: 'c2ln' };
    expect(
      partsOf([
        { type: 'text-start', block: 0, signature },
        { type: 'text-delta', block: 0, text: 'a' },
        { type: 'text-delta', block: 0, text: 'b' },
        { type: 'block-end', block: 0 },
        { type: 'text-start', block: 1 },
        { type: 'text-delta', block: 1, text: 'c' },
        { type: 'signature', block: 1, signature },
        { type: 'block-end', block: 1 },
        { type: 'text-start', block: 2, signature },
        { type: 'block-end', block: 2 },
      ]),
    ).toEqual([
      { text: 'a', thoughtSignature: 'c2ln' },
      { text: 'b' },
      { text: 'c' },
      { text: '', thoughtSignature: 'c2ln' },
      { text: '', thoughtSignature: 'c2ln' },
    ]);
  });

  test('sources stand in the last chunk, their places counted in bytes', () => {
    const [, last] = candidatesOf([
      { type: 'server-tool-start', block: 0, callId: 's', tool: 'web-search', name: 'web_search' },
      { type: 'server-tool-input-delta', block: 0, json: '{"query":"q"}' },
      { type: 'block-end', block: 0 },
      {
        type: 'server-tool-result',
        block: 1,
        callId: 's',
        tool: 'web-search',
        sources: [{ url: 'https://a.example', title: 'A' }],
      },
      { type: 'block-end', block: 1 },
      { type: 'text-start', block: 2 },
      { type: 'text-delta', block: 2, text: '漢字 end.' },
      { type: 'citation', block: 2, citation: { type: 'url', url: 'https://a.example', startIndex: 3, endIndex: 7 } },
      { type: 'citation', block: 2, citation: { type: 'url', url: 'https://b.example', title: 'B' } },
      { type: 'block-end', block: 2 },
      END,
    ]);
    expect(last?.groundingMetadata).toEqual({
      webSearchQueries: ['q'],
      groundingChunks: [
        { web: { uri: 'https://a.example', title: 'A' } },
        { web: { uri: 'https://b.example', title: 'B' } },
      ],
      groundingSupports: [
        { segment: { startIndex: 7, endIndex: 11, text: 'end.' }, groundingChunkIndices: [0] },
        { segment: { endIndex: 11, text: '漢字 end.' }, groundingChunkIndices: [1] },
      ],
    });
  });

  test('several answers are told apart by their index, and each has its reason (bug 18)', () => {
    const candidates = candidatesOf([
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'a' },
      { type: 'block-end', block: 0 },
      { type: 'text-start', block: 1, choice: 1 },
      { type: 'text-delta', block: 1, text: 'b' },
      { type: 'block-end', block: 1 },
      END,
      { type: 'message-end', choice: 1, reason: 'length' },
    ]);
    expect(candidates.map(({ index, finishReason }) => [index, finishReason])).toEqual([
      [0, undefined],
      [1, undefined],
      [0, 'STOP'],
      [1, 'MAX_TOKENS'],
    ]);
  });

  test('pictures, sound, code and refusals are parts', () => {
    expect(
      partsOf([
        { type: 'image', block: 0, source: { type: 'base64', mediaType: 'image/png', data: 'QQ==' } },
        { type: 'block-end', block: 0 },
        { type: 'audio-start', block: 1, format: 'pcm16' },
        { type: 'audio-delta', block: 1, data: 'QUJD' },
        { type: 'audio-delta', block: 1, transcript: 'hi' },
        { type: 'block-end', block: 1 },
        { type: 'server-tool-start', block: 2, callId: 's', tool: 'code-execution', name: 'code_execution' },
        { type: 'server-tool-input-delta', block: 2, json: '{"code":"1"}' },
        { type: 'block-end', block: 2 },
        { type: 'server-tool-result', block: 3, callId: 's', tool: 'code-execution', text: '2', isError: true },
        { type: 'block-end', block: 3 },
        { type: 'refusal-start', block: 4 },
        { type: 'refusal-delta', block: 4, text: 'no' },
        { type: 'block-end', block: 4 },
        { type: 'opaque', block: 5, protocol: 'anthropic', value: { type: 'x' } },
        { type: 'block-end', block: 5 },
      ]),
    ).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'QQ==' } },
      { inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: 'QUJD' } },
      { text: 'hi' },
      { executableCode: { language: 'PYTHON', code: '1' } },
      { codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: '2' } },
      { text: 'no' },
    ]);
  });

  test.each(['sse', 'json-array'] as const)('an error ends a stream as %s, and nothing follows', (framing) => {
    const encoder = createStreamEncoder({ framing, ...CONTEXT });
    const text =
      encoder.push([START, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'a' }]) +
      encoder.push([
        { type: 'tool-call-start', block: 1, callId: 'c', name: 'a', kind: 'function' },
        { type: 'error', error: CUT },
      ]) +
      encoder.push([END]) +
      encoder.end();
    const chunks =
      framing === 'sse'
        ? text
            .split('\r\n\r\n')
            .filter((frame) => frame !== '')
            .map((frame) => parseJson(frame.slice('data: '.length)))
        : parseJson(text);
    expect(chunks).toMatchObject([{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }, { error: { code: 502 } }]);
  });

  test.each([
    ['end', undefined, 'STOP'],
    ['tool-use', 'tool_use', 'STOP'],
    ['stop-sequence', 'stop_sequence', 'STOP'],
    ['pause', 'pause_turn', 'STOP'],
    ['context-full', undefined, 'MAX_TOKENS'],
    ['refusal', 'content_filter', 'SAFETY'],
    ['refusal', 'RECITATION', 'RECITATION'],
    ['end', 'SAFETY', 'STOP'],
    ['other', 'OTHER', 'OTHER'],
    ['other', undefined, 'STOP'],
  ] as const)('bug 28: %s, said as %s, is %s', (reason, upstreamReason, finishReason) => {
    const end = { type: 'message-end', reason, ...(upstreamReason === undefined ? {} : { upstreamReason }) } as const;
    expect(candidatesOf([end])).toMatchObject([{ finishReason }]);
  });
});
