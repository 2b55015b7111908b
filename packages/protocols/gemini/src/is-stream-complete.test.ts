import { describe, expect, test } from 'vitest';
import { isStreamComplete } from './is-stream-complete.ts';

const part = (value: unknown, finish = {}): unknown => ({
  candidates: [{ content: { parts: [value], role: 'model' }, ...finish, index: 0 }],
});
const text = part({ text: 'a' });
const last = part({ text: '' }, { finishReason: 'STOP' });
const forged = part({
  functionCall: { name: 'x', args: { finishReason: 'STOP', promptFeedback: { blockReason: 'X' }, error: {} } },
});

const ENDS: readonly (readonly [string, readonly unknown[]])[] = [
  ['a reason to stop', [text, last]],
  ['a reason as a number', [text, part({ text: '' }, { finishReason: 1 })]],
  ['usage after a reason', [text, last, { usageMetadata: { totalTokenCount: 1 } }]],
  ['a blocked prompt', [{ promptFeedback: { blockReason: 'SAFETY' } }]],
  ['an error', [text, { error: { code: 503, message: 'x', status: 'UNAVAILABLE' } }]],
];
const CUTS: readonly (readonly [string, readonly unknown[]])[] = [
  ['a text', [text]],
  ['a text that quotes the end', [part({ text: JSON.stringify(last) })]],
  ['no reason yet', [part({ text: 'a' }, { finishReason: 'FINISH_REASON_UNSPECIFIED' })]],
  ['zero as a reason', [part({ text: 'a' }, { finishReason: 0 })]],
  ['a call whose arguments use the names', [text, forged]],
];
const sse = (chunks: readonly unknown[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');
const array = (chunks: readonly unknown[]): string =>
  `[${chunks.map((chunk) => JSON.stringify(chunk, null, 2)).join(',\r\n')}\n]\n`;
const complete = (framing: 'sse' | 'json-array', tail: string, isWhole = true): boolean =>
  isStreamComplete({ framing, head: tail, tail, isWhole });

describe.each(ENDS)('a stream that ends with %s', (_name, chunks) => {
  test('is complete in both framings', () => {
    expect(complete('sse', sse(chunks))).toBe(true);
    expect(complete('sse', sse(chunks).trimEnd())).toBe(true);
    expect(complete('json-array', array(chunks))).toBe(true);
  });

  test('is complete when its beginning is not seen', () => {
    expect(complete('sse', `..."}]}}]}\r\n\r\n${sse(chunks)}`, false)).toBe(true);
    expect(complete('json-array', `..."}]}}]},${array(chunks).slice(1)}`, false)).toBe(true);
  });
});

describe.each(CUTS)('a stream that ends with %s', (_name, chunks) => {
  test('is not complete in either framing, wherever its beginning is lost', () => {
    expect(complete('sse', sse(chunks))).toBe(false);
    const text = sse(chunks);
    for (let cut = 1; cut < text.length; cut++) expect(complete('sse', text.slice(cut), false)).toBe(false);
    expect(complete('json-array', array(chunks))).toBe(false);
  });
});

test('an array that has not closed is not complete', () => {
  expect(complete('json-array', array([text, last]).trimEnd().slice(0, -1))).toBe(false);
});

test('a chunk with an image that began before the tail is complete when its reason has come', () => {
  const end =
    'QUJD"}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"totalTokenCount":9}}\r\n\r\n';
  expect(complete('sse', end, false)).toBe(true);
  expect(complete('sse', end.replace('"finishReason":"STOP",', ''), false)).toBe(false);
});
