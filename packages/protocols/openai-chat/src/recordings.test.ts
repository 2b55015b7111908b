import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AnswerExcerpt } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson, parseObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { openaiChat } from './openai-chat.ts';

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
    protocol === 'openai-chat' && typeof file === 'string' && typeof status === 'number'
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
/** Azure answers a prompt that its filter refused with status 200 and an error. */
const isRefusal = ({ kind, text }: Recording): boolean => kind === 'body' && /^\s*\{\s*"error"/.test(text);
const streams = recordings.filter(({ kind }) => kind === 'stream');
const wholes = recordings.filter(
  (recording) => recording.kind === 'body' && recording.status === 200 && !isRefusal(recording),
);
const errors = recordings.filter((recording) => recording.status !== 200 || isRefusal(recording));
const refusals = errors.filter(({ status }) => status === 200);

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

/** Every usage a chunk or a body has, where the services put them. */
function usagesIn(value: JsonObject): readonly unknown[] {
  const choices = Array.isArray(value.choices) ? value.choices.filter(isObject) : [];
  const groq = isObject(value.x_groq) ? value.x_groq.usage : undefined;
  return [...choices.map(({ usage }) => usage), value.usage, groq];
}

/** All usage objects merged, detail by detail, the later over the earlier, then in the base of TokenUsage. */
function usageIn(objects: readonly unknown[]): JsonObject | undefined {
  const flat: Record<string, number> = {};
  for (const usage of objects.filter(isObject)) {
    for (const [name, value] of Object.entries(usage)) {
      if (typeof value === 'number') flat[name] = value;
      if (!isObject(value)) continue;
      for (const [detail, count] of Object.entries(value))
        if (typeof count === 'number') flat[`${name}.${detail}`] = count;
    }
  }
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total = 0 } = flat;
  if (prompt === undefined || completion === undefined) return undefined;
  const reasoning = flat['completion_tokens_details.reasoning_tokens'];
  const audio = flat['prompt_tokens_details.audio_tokens'] ?? 0;
  const named = {
    input: total === prompt + completion + audio ? prompt + audio : prompt,
    output: total === prompt + completion + (reasoning ?? 0) ? total - prompt : completion,
    reasoning,
    cacheRead:
      flat['prompt_tokens_details.cached_tokens'] ??
      flat.prompt_cache_hit_tokens ??
      flat.cached_tokens ??
      flat.num_cached_tokens,
    cacheWrite: flat['prompt_tokens_details.cache_write_tokens'],
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

/** Where the first event stands that says the answer has ended. */
function endOf(text: string): number {
  const reasons = [...text.matchAll(/"finish_reason": ?"[a-z_]+"/g)].map(({ index }) => index);
  const first = Math.min(...reasons, ...[...text.matchAll(/data: \[DONE\]|^event: error/gm)].map(({ index }) => index));
  return text.lastIndexOf('data:', first) < 0 ? 0 : text.lastIndexOf('data:', first);
}

test('there are recordings of every kind', () => {
  expect([streams.length, wholes.length, errors.length, refusals.length]).toEqual([105, 223, 30, 2]);
});

describe.each(streams)('$file', ({ text }) => {
  test('is complete, and is not when cut before the event that ends it', () => {
    expect(openaiChat.isStreamComplete(excerptOf(text, 'sse'))).toBe(true);
    const end = endOf(text);
    expect(end).toBeGreaterThan(0);
    // Every cut near the end, where the trouble is, and some hundred over the rest.
    const step = Math.max(1, Math.floor(end / 100));
    for (let cut = 0; cut < end; cut += cut > end - 200 ? 1 : step) {
      if (openaiChat.isStreamComplete(excerptOf(text.slice(0, cut), 'sse'))) expect.fail(`complete at ${cut}`);
    }
  });

  test('has the usage that its chunks say', () => {
    const expected = usageIn(chunksOf(text).flatMap(usagesIn));
    expect(openaiChat.readUsage(excerptOf(text, 'sse'))).toEqual(expected);
  });

  test('does not begin with an error', () => {
    expect(openaiChat.findErrorInAnswer(text, 'sse')).toBeUndefined();
  });
});

test.each(wholes)('$file has the usage of its body, and is no error', ({ text }) => {
  expect(openaiChat.readUsage(excerptOf(text, 'whole'))).toEqual(usageIn(usagesIn(parseObject(text) ?? {})));
  expect(openaiChat.findErrorInAnswer(text, 'whole')).toBeUndefined();
});

test.each(errors)('$file is decoded with the kind its status says', ({ status, text }) => {
  const kinds: Readonly<Record<number, string>> = {
    200: 'invalid-request',
    400: 'invalid-request',
    401: 'authentication',
    404: 'not-found',
    429: 'rate-limited',
  };
  const decoded = openaiChat.decodeError(status, () => undefined, text);
  expect(decoded).toMatchObject({ kind: kinds[status] });
  expect(decoded?.message).not.toBe('');
  const { error, detail } = parseObject(text) ?? {};
  const said = isObject(error) ? error.message : detail;
  expect(decoded?.message).toContain(said);
});

test.each(refusals)('$file is found to be an error', ({ text }) => {
  expect(openaiChat.findErrorInAnswer(text, 'whole')).toMatchObject({
    kind: 'invalid-request',
    code: 'content_filter',
  });
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
      openaiChat.isStreamComplete(excerpt);
      openaiChat.findErrorInAnswer(text, framing);
      if (openaiChat.readUsage(excerpt) !== undefined) read++;
    }
    openaiChat.decodeError(100 + random(900), () => text, text);
  }
  expect(read).toBeGreaterThan(50);
});
