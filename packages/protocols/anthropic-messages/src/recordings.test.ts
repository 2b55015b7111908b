import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AnswerExcerpt } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson, parseObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { anthropicMessages } from './anthropic-messages.ts';

const FOLDER = resolve(import.meta.dirname, '../../../testkit/fixtures/recordings');
const EXCERPT_BYTES = 16 * 1024;

interface Recording {
  readonly file: string;
  readonly kind: unknown;
  readonly status: number;
  readonly text: string;
}

const manifest = parseObject(readFileSync(`${FOLDER}/manifest.json`, 'utf8'));
const rows: readonly unknown[] = Array.isArray(manifest?.files) ? manifest.files : [];
const recordings: readonly Recording[] = rows.filter(isObject).flatMap(({ file, protocol, kind, status }) =>
  (protocol === 'anthropic' || protocol === 'anthropic-count') && typeof file === 'string' && typeof status === 'number'
    ? [
        {
          file,
          kind,
          status,
          text: readFileSync(`${FOLDER}/${file}`, 'utf8'),
        },
      ]
    : [],
);
const streams = recordings.filter(({ kind }) => kind === 'stream');
const wholes = recordings.filter(({ kind, status }) => kind === 'body' && status === 200);
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

/** A reader that shares nothing with ours: every event of a stream, parsed. */
function eventsOf(text: string): readonly JsonObject[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => parseJson(line.slice(5)))
    .filter(isObject);
}

/** The counters of every usage object merged, the later over the earlier, in the base of TokenUsage. */
function usageIn(objects: readonly unknown[]): JsonObject | undefined {
  const merged: Record<string, number> = {};
  for (const usage of objects.filter(isObject)) {
    for (const [name, value] of Object.entries(usage)) if (typeof value === 'number') merged[name] = value;
    const details = usage.output_tokens_details;
    if (isObject(details) && typeof details.thinking_tokens === 'number') merged.thinking = details.thinking_tokens;
  }
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens, thinking } = merged;
  if (input_tokens === undefined && output_tokens === undefined) return undefined;
  const named = {
    input: (input_tokens ?? 0) + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
    cacheRead: cache_read_input_tokens,
    cacheWrite: cache_creation_input_tokens,
    output: output_tokens,
    reasoning: thinking,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

test('there are recordings of every kind', () => {
  expect([streams.length, wholes.length, errors.length]).toEqual([74, 96, 8]);
});

describe.each(streams)('$file', ({ text }) => {
  test('is complete, and is not when cut before its last event', () => {
    expect(anthropicMessages.isStreamComplete(excerptOf(text, 'sse'))).toBe(true);
    const stop = text.lastIndexOf('event: message_stop');
    expect(stop).toBeGreaterThan(0);
    // Every cut near the end, where the trouble is, and some hundred over the rest.
    const step = Math.max(1, Math.floor(stop / 100));
    for (let cut = 0; cut < stop; cut += cut > stop - 200 ? 1 : step) {
      if (anthropicMessages.isStreamComplete(excerptOf(text.slice(0, cut), 'sse'))) expect.fail(`complete at ${cut}`);
    }
  });

  test('has the usage that its events add up to', () => {
    const found = eventsOf(text).flatMap(({ message, usage }) => [
      isObject(message) ? message.usage : undefined,
      usage,
    ]);
    expect(anthropicMessages.readUsage(excerptOf(text, 'sse'))).toEqual(usageIn(found));
  });

  test('is no error', () => {
    expect(anthropicMessages.findErrorInAnswer(text, 'sse')).toBeUndefined();
  });
});

test.each(wholes)('$file has the usage of its body, and is no error', ({ text }) => {
  expect(anthropicMessages.readUsage(excerptOf(text, 'whole'))).toEqual(usageIn([parseObject(text)?.usage]));
  expect(anthropicMessages.findErrorInAnswer(text, 'whole')).toBeUndefined();
});

test.each(errors)('$file is decoded with the kind its status and type say', ({ status, text }) => {
  const kinds: Readonly<Record<number, string>> = { 400: 'invalid-request', 401: 'authentication', 404: 'not-found' };
  const error = parseObject(text)?.error;
  const { type, message } = isObject(error) ? error : {};
  expect(anthropicMessages.decodeError(status, () => undefined, text)).toEqual({
    kind: kinds[status],
    code: type,
    message,
  });
  expect(anthropicMessages.findErrorInAnswer(text, 'whole')).toMatchObject({ message });
});

test('random bytes and broken recordings never throw', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % below;
  };
  let read = 0;
  for (let round = 0; round < 400; round++) {
    const source = Buffer.from(recordings[random(recordings.length)]?.text.slice(0, 4000) ?? '');
    for (let change = 0; change < 20; change++) source[random(source.length)] = random(256);
    const text = source.toString('utf8', random(source.length), source.length);
    for (const framing of ['sse', 'whole', 'json-array'] as const) {
      const excerpt = { framing, head: text, tail: text, isWhole: round % 2 === 0 };
      anthropicMessages.isStreamComplete(excerpt);
      anthropicMessages.findErrorInAnswer(text, framing);
      if (anthropicMessages.readUsage(excerpt) !== undefined) read++;
    }
    anthropicMessages.decodeError(100 + random(900), () => text, text);
  }
  expect(read).toBeGreaterThan(50);
});
