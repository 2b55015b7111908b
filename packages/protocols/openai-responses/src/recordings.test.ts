import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type AnswerExcerpt, UpstreamError } from '@proxycast/spec';
import { isObject, type JsonObject, parseJson, parseObject } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { openaiResponses } from './openai-responses.ts';

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
    (protocol === 'openai-responses' || protocol === 'responses-count') &&
    typeof file === 'string' &&
    typeof status === 'number'
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

function usageIn(response: unknown): JsonObject | undefined {
  const usage = isObject(response) ? response.usage : undefined;
  if (!isObject(usage)) return undefined;
  const input = isObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const named = {
    input: usage.input_tokens ?? usage.prompt_tokens,
    cacheRead: input.cached_tokens,
    cacheWrite: input.cache_write_tokens,
    output: usage.output_tokens ?? usage.completion_tokens,
    reasoning: output.reasoning_tokens,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

test('there are recordings of every kind', () => {
  expect([streams.length, wholes.length, errors.length]).toEqual([85, 152, 14]);
});

/** OpenAI refuses for want of quota after the stream has begun. */
const REFUSED = 'openai-responses/ver-openai-error-1.sse';

describe.each(streams)('$file', ({ file, text }) => {
  test('is complete, and is not when cut before the event that ends it', () => {
    expect(openaiResponses.isStreamComplete(excerptOf(text, 'sse'))).toBe(true);
    const end = text.search(
      /^(?:event: error|(?:event: |data: ?\{"type": ?")response\.(?:completed|incomplete|failed))/m,
    );
    expect(end).toBeGreaterThan(0);
    // Every cut near the end, where the trouble is, and some hundred over the rest.
    const step = Math.max(1, Math.floor(end / 100));
    for (let cut = 0; cut < end; cut += cut > end - 200 ? 1 : step) {
      if (openaiResponses.isStreamComplete(excerptOf(text.slice(0, cut), 'sse'))) expect.fail(`complete at ${cut}`);
    }
  });

  test('has the usage of its final event', () => {
    const responses = eventsOf(text).map(({ response }) => response);
    const expected = responses.map(usageIn).findLast((usage) => usage !== undefined);
    expect(openaiResponses.readUsage(excerptOf(text, 'sse'))).toEqual(expected);
  });

  test('is an error only when it says so before anything else', () => {
    const found = openaiResponses.findErrorInAnswer(text, 'sse');
    if (file === REFUSED) expect(found).toMatchObject({ kind: 'quota-exhausted', code: 'insufficient_quota' });
    else expect(found).toBeUndefined();
  });

  test('cut in the middle, it goes on with its own response failing', () => {
    const events = eventsOf(text);
    const frames = text.split(/(?<=\n\n)/);
    const sent = frames.slice(0, Math.max(1, Math.floor(frames.length / 2))).join('');
    const error = new UpstreamError({ code: 'upstream_cut', message: 'The upstream broke off.' });
    const [failed, ...more] = eventsOf(openaiResponses.renderStreamError(error, excerptOf(sent, 'sse')));
    expect(more).toEqual([]);
    const begun = events[0]?.response;
    expect(failed).toEqual({
      type: 'response.failed',
      // Three of the recordings are from before events had numbers.
      sequence_number: Math.max(...eventsOf(sent).map((event) => Number(event.sequence_number ?? -1))) + 1,
      response: {
        ...(isObject(begun) ? begun : {}),
        status: 'failed',
        error: { code: 'upstream_cut', message: 'The upstream broke off.' },
      },
    });
  });
});

test.each(wholes)('$file has the usage of its body, and is no error', ({ text }) => {
  expect(openaiResponses.readUsage(excerptOf(text, 'whole'))).toEqual(usageIn(parseObject(text)));
  expect(openaiResponses.findErrorInAnswer(text, 'whole')).toBeUndefined();
});

/** Refused with status 400: for want of quota, and for a wrong key by xAI. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  'openai-responses/ver-openai-error-1.json': 'quota-exhausted',
  'openai-responses/mir-model-not-found-stream-openai-gpt-4o-responses.0.json': 'not-found',
  'openai-responses/mir-model-not-found-stream-openai-gpt-4o-responses.1.json': 'not-found',
  'openai-responses/otel-responses-create-api-error-content-mode0.json': 'not-found',
  'responses-compatible/xai/rub-chat-error-handling-with-xai-grok-4-1-fast-non-reasoning-raises-appropriate-auth.json':
    'authentication',
};

test.each(errors)('$file is decoded with its kind', ({ file, status, text }) => {
  const decoded = openaiResponses.decodeError(status, () => undefined, text);
  const kind = OTHER_KINDS[file] ?? (status === 401 ? 'authentication' : 'invalid-request');
  const error = parseObject(text)?.error;
  expect(decoded).toMatchObject({ kind, message: isObject(error) ? error.message : error });
});

test('random bytes and broken recordings never throw', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % below;
  };
  const error = new UpstreamError({ code: 'upstream_cut', message: 'The upstream broke off.' });
  let read = 0;
  for (let round = 0; round < 400; round++) {
    const source = Buffer.from(recordings[random(recordings.length)]?.text.slice(-4000) ?? '');
    for (let change = 0; change < 20; change++) source[random(source.length)] = random(256);
    const text = source.toString('utf8', random(source.length), source.length);
    for (const framing of ['sse', 'whole', 'json-array'] as const) {
      const excerpt = { framing, head: text, tail: text, isWhole: round % 2 === 0 };
      openaiResponses.isStreamComplete(excerpt);
      openaiResponses.findErrorInAnswer(text, framing);
      openaiResponses.renderStreamError(error, excerpt);
      if (openaiResponses.readUsage(excerpt) !== undefined) read++;
    }
    openaiResponses.decodeError(100 + random(900), () => text, text);
  }
  expect(read).toBeGreaterThan(50);
});
