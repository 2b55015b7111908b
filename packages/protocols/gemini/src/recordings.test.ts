import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AnswerExcerpt } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson, parseObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { gemini } from './gemini.ts';

const FOLDER = resolve(import.meta.dirname, '../../../testkit/fixtures/recordings');
const EXCERPT_BYTES = 16 * 1024;

interface Recording {
  readonly file: string;
  readonly kind: unknown;
  readonly status: number;
  readonly text: string;
  /** The request that led to it, where it was kept. */
  readonly request?: string;
  readonly endpoint: string;
}

const manifest = parseObject(readFileSync(`${FOLDER}/manifest.json`, 'utf8'));
const rows: readonly unknown[] = Array.isArray(manifest?.files) ? manifest.files : [];
const recordings: readonly Recording[] = rows
  .filter(isObject)
  .flatMap(({ file, protocol, kind, status, request, endpoint }) =>
    (protocol === 'gemini' || protocol === 'gemini-count') && typeof file === 'string' && typeof status === 'number'
      ? [
          {
            file,
            kind,
            status,
            text: readFileSync(`${FOLDER}/${file}`, 'utf8'),
            endpoint: String(endpoint),
            ...(typeof request === 'string' ? { request: readFileSync(`${FOLDER}/${request}`, 'utf8') } : {}),
          },
        ]
      : [],
  );
const streams = recordings.filter(({ kind }) => kind === 'stream');
/** Streams that were asked for without `alt=sse`. */
const arrays = recordings.filter(({ kind, text }) => kind === 'body' && text.startsWith('['));
const wholes = recordings.filter(
  ({ kind, status, text }) => kind === 'body' && status === 200 && !text.startsWith('['),
);
const errors = recordings.filter(({ status }) => status !== 200);

/** As the gateway keeps it: the first and the last 16 KB of what has passed. */
function excerptOf(text: string, framing: AnswerExcerpt['framing']): AnswerExcerpt {
  const bytes = Buffer.from(text);
  if (bytes.length <= 2 * EXCERPT_BYTES) return { framing, head: text, tail: text, isWhole: true };
  return {
    framing,
    head: bytes.toString('utf8', 0, EXCERPT_BYTES),
    tail: bytes.toString('utf8', bytes.length - EXCERPT_BYTES),
    isWhole: false,
  };
}

/** A reader that shares nothing with ours: every chunk of a stream, parsed. */
function chunksOf(text: string): readonly JsonObject[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseJson(line.slice(5)))
    .filter(isObject);
}

function usageIn(chunk: JsonObject | undefined): JsonObject | undefined {
  const usage = chunk?.usageMetadata;
  if (!isObject(usage) || usage.totalTokenCount === undefined) return undefined;
  const count = (name: string): number => Number(usage[name] ?? 0);
  const named = {
    input: count('promptTokenCount') + count('toolUsePromptTokenCount'),
    cacheRead: usage.cachedContentTokenCount,
    output: count('totalTokenCount') - count('promptTokenCount') - count('toolUsePromptTokenCount'),
    reasoning: usage.thoughtsTokenCount,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** The same stream as the API sends it without `alt=sse`. */
function asArray(text: string): string {
  const elements = chunksOf(text).map((chunk) => JSON.stringify(chunk, null, 2));
  return `[${elements.join(',\r\n')}\n]`;
}

function expectCompleteOnlyWhole(text: string, framing: AnswerExcerpt['framing']): void {
  expect(gemini.isStreamComplete(excerptOf(text, framing))).toBe(true);
  const end = text.search(/"finishReason": ?(?:"[A-Z]|[1-9])|"blockReason"/);
  expect(end).toBeGreaterThan(0);
  // Every cut near the end, where the trouble is, and some hundred over the rest.
  const step = Math.max(1, Math.floor(end / 100));
  for (let cut = 0; cut < end; cut += cut > end - 200 ? 1 : step) {
    if (gemini.isStreamComplete(excerptOf(text.slice(0, cut), framing))) expect.fail(`complete at ${cut}`);
  }
}

test('there are recordings of every kind', () => {
  expect([streams.length, wholes.length, errors.length]).toEqual([37, 100, 8]);
  expect(arrays.length).toBe(5);
});

describe.each(streams)('$file', ({ text }) => {
  test.each(['sse', 'json-array'] as const)(
    'as %s is complete, and is not when cut before its reason to stop',
    (framing) => {
      expectCompleteOnlyWhole(framing === 'sse' ? text : asArray(text), framing);
    },
  );

  test.each(['sse', 'json-array'] as const)('as %s has the usage of its last chunk', (framing) => {
    const expected = chunksOf(text)
      .map(usageIn)
      .findLast((usage) => usage !== undefined);
    expect(gemini.readUsage(excerptOf(framing === 'sse' ? text : asArray(text), framing))).toEqual(expected);
  });

  test('is no error', () => {
    expect(gemini.findErrorInAnswer(text, 'sse')).toBeUndefined();
    expect(gemini.findErrorInAnswer(asArray(text), 'json-array')).toBeUndefined();
  });
});

test.each(arrays)('$file, an array, is complete only when whole, and has the usage of its last element', ({ text }) => {
  expectCompleteOnlyWhole(text, 'json-array');
  const elements = parseJson(text);
  const last = Array.isArray(elements)
    ? elements
        .filter(isObject)
        .map(usageIn)
        .findLast((usage) => usage !== undefined)
    : undefined;
  expect(last).toBeDefined();
  expect(gemini.readUsage(excerptOf(text, 'json-array'))).toEqual(last);
  expect(gemini.findErrorInAnswer(text, 'json-array')).toBeUndefined();
});

test.each(wholes)('$file has the usage of its body, and is no error', ({ text }) => {
  expect(gemini.readUsage(excerptOf(text, 'whole'))).toEqual(usageIn(parseObject(text)));
  expect(gemini.findErrorInAnswer(text, 'whole')).toBeUndefined();
});

test.each(errors)('$file is decoded with the kind its status says', ({ status, text }) => {
  const kinds: Readonly<Record<number, string>> = { 400: 'invalid-request', 404: 'not-found', 429: 'rate-limited' };
  const error = parseObject(text)?.error;
  const { status: code, message } = isObject(error) ? error : {};
  expect(gemini.decodeError(status, () => undefined, text)).toEqual({
    kind: kinds[status],
    code,
    message,
    ...(status === 429 ? { retryAfterMs: 48_000 } : {}),
  });
  expect(gemini.decodeError(status, () => undefined, `[${text}]`)).toMatchObject({ kind: kinds[status], message });
  expect(gemini.findErrorInAnswer(`[${text}`, 'json-array')).toMatchObject({ kind: kinds[status], message });
  expect(gemini.findErrorInAnswer(`data: ${text.replace(/\n/g, ' ')}\r\n\r\n`, 'sse')).toMatchObject({ message });
});

test('random bytes and broken recordings never throw', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % below;
  };
  let read = 0;
  for (let round = 0; round < 400; round++) {
    const source = Buffer.from(recordings[random(recordings.length)]?.text.slice(-4000) ?? '');
    for (let change = 0; change < 20; change++) source[random(source.length)] = random(256);
    const text = source.toString('utf8', random(source.length), source.length);
    for (const framing of ['sse', 'whole', 'json-array'] as const) {
      const excerpt = { framing, head: text, tail: text, isWhole: round % 2 === 0 };
      gemini.isStreamComplete(excerpt);
      gemini.findErrorInAnswer(text, framing);
      if (gemini.readUsage(excerpt) !== undefined) read++;
    }
    gemini.decodeError(100 + random(900), () => text, text);
  }
  expect(read).toBeGreaterThan(50);
});
