import { describe, expect, test } from 'vitest';
import { decodeError } from './decode-error.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';

const none = (): undefined => undefined;
const body = (type: string, message = 'words'): string => JSON.stringify({ type: 'error', error: { type, message } });

describe('decodeError', () => {
  test.each([
    [400, body('invalid_request_error'), 'invalid-request'],
    [400, body('invalid_request_error', 'Your credit balance is too low to access the API.'), 'quota-exhausted'],
    [400, body('invalid_request_error', 'You have reached your specified API usage limits.'), 'quota-exhausted'],
    [401, body('authentication_error'), 'authentication'],
    [402, body('billing_error'), 'quota-exhausted'],
    [403, body('permission_error'), 'permission'],
    [404, body('not_found_error'), 'not-found'],
    [413, body('request_too_large'), 'too-large'],
    [429, body('rate_limit_error'), 'rate-limited'],
    [500, body('api_error'), 'upstream-failed'],
    [503, body('api_error'), 'overloaded'],
    [504, body('timeout_error'), 'timeout'],
    [529, body('overloaded_error'), 'overloaded'],
    [500, body('overloaded_error'), 'overloaded'],
    [400, `event: error\ndata: ${body('overloaded_error')}\n\n`, 'overloaded'],
    [400, `[${body('not_found_error')}]`, 'not-found'],
    [401, '{"error":{"message":"words","type":"authentication_error"}}', 'authentication'],
    [403, '{"detail":"words"}', 'permission'],
    [422, '{"detail":[{"loc":["body"],"msg":"words"},{"msg":"more"}]}', 'invalid-request'],
    [429, '{"code":429,"msg":"words"}', 'rate-limited'],
    [500, '{"code":"x","error":"words"}', 'upstream-failed'],
    [404, '{"message":"words"}', 'not-found'],
  ])('status %i with %s is %s', (status, text, kind) => {
    expect(decodeError(status, none, text)).toMatchObject({ kind });
    expect(decodeError(status, none, text)?.message).not.toBe('');
  });

  test.each([
    [''],
    [' '],
    ['<html><body>error</body></html>'],
    ['null'],
    ['[]'],
    ['{}'],
    ['{"error":null}'],
    ['"error"'],
    ['{"error":{"'],
  ])('is undefined for %j', (text) => {
    expect(decodeError(502, none, text)).toBeUndefined();
  });

  test('reads how long to wait', () => {
    const headers: Readonly<Record<string, string>> = {
      date: 'Tue, 24 Nov 2026 10:00:00 GMT',
      'anthropic-ratelimit-requests-remaining': '12',
      'anthropic-ratelimit-requests-reset': '2026-11-24T11:00:00Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-24T10:00:30Z',
    };
    const read = (status: number, text: string, extra = {}) =>
      decodeError(status, (name) => ({ ...headers, ...extra })[name], text)?.retryAfterMs;
    expect(read(429, body('rate_limit_error'))).toBe(30_000);
    expect(read(429, body('rate_limit_error'), { 'retry-after': '5' })).toBe(5000);
    expect(read(529, body('overloaded_error'), { 'retry-after': '5' })).toBe(5000);
    // Every answer has these headers; only when a limit was hit do they say when to come back.
    expect(read(400, body('invalid_request_error'))).toBeUndefined();
  });

  test('gives a conversation that does not fit the code that others act on', () => {
    const message = 'prompt is too long: 210000 tokens > 200000 maximum';
    expect(decodeError(400, none, body('invalid_request_error', message))).toMatchObject({
      kind: 'invalid-request',
      code: 'context_length_exceeded',
      message,
    });
  });

  test('bounds what it keeps of the words', () => {
    expect(decodeError(400, none, body('x'.repeat(9999), 'y'.repeat(99_999)))?.message).toHaveLength(4096);
    expect(decodeError(400, none, body('x', 'y'.repeat(999_999)))).toBeUndefined();
  });
});

describe('findErrorInAnswer', () => {
  const error = `event: error\ndata: ${body('overloaded_error')}\n\n`;
  const start = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n';
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
  const content =
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';

  test.each([
    ['as the first frame', error],
    ['after the start and a ping', start + ping + error],
    ['with the beginning of another frame', `${error}event: mess`],
    ['as plain JSON', body('overloaded_error')],
  ])('finds an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toMatchObject({
      kind: 'overloaded',
      code: 'overloaded_error',
      message: 'words',
    });
  });

  test.each([
    ['after content', start + content + error],
    ['cut in its middle', error.slice(0, -9)],
    ['in what the model says', `${start}data: ${JSON.stringify({ type: 'content_block_delta', text: error })}\n\n`],
  ])('does not take for one an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toBeUndefined();
  });

  test('a whole answer is an error only when it says so at its top', () => {
    expect(findErrorInAnswer(body('api_error'), 'whole')).toMatchObject({ kind: 'upstream-failed' });
    expect(
      findErrorInAnswer(
        '{"type":"message","content":[{"type":"text","text":"\\"error\\""}],"x":{"error":{}}}',
        'whole',
      ),
    ).toBeUndefined();
  });
});
