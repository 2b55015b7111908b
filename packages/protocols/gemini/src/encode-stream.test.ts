import { foldAnswer } from '@proxycast/conversion';
import { type ChatRequest, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
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
  { functionCall: { id: 'call_1', name: 'read', args: { path: 'x' } } },
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
