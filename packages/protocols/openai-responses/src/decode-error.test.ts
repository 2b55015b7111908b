import { describe, expect, test } from 'vitest';
import { decodeError } from './decode-error.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';

const none = (): undefined => undefined;
const body = (error: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ error: { message: 'words', ...error } });

describe('decodeError', () => {
  test.each([
    ['a wrong key', 401, body({ type: 'invalid_request_error', code: 'invalid_api_key' }), 'authentication'],
    ['no quota', 429, body({ type: 'insufficient_quota', code: 'insufficient_quota' }), 'quota-exhausted'],
    ['no quota as 400', 400, body({ type: 'insufficient_quota' }), 'quota-exhausted'],
    ['too fast', 429, body({ type: 'tokens', code: 'rate_limit_exceeded' }), 'rate-limited'],
    ['too long', 400, body({ code: 'context_length_exceeded' }), 'invalid-request'],
    ['an unknown model as 400', 400, body({ code: 'model_not_found' }), 'not-found'],
    ['a server error', 500, body({ type: 'server_error', code: null }), 'upstream-failed'],
    ['overload', 503, body({ code: 'server_is_overloaded' }), 'overloaded'],
    ['a login whose plan is used up', 429, body({ type: 'usage_limit_reached' }), 'quota-exhausted'],
    [
      "xAI's wrong key as 400",
      400,
      '{"code":"invalid-argument","error":"Incorrect API key provided."}',
      'authentication',
    ],
    ["xAI's wrong argument", 400, '{"code":"invalid-argument","error":"words"}', 'invalid-request'],
    ['a detail', 403, '{"detail":"words"}', 'permission'],
    ['a frame', 500, `event: error\ndata: ${body({ code: 'server_error' })}\n\n`, 'upstream-failed'],
    ['a number as code', 429, body({ code: 429 }), 'rate-limited'],
  ])('reads %s', (_name, status, text, kind) => {
    expect(decodeError(status, none, text)).toMatchObject({ kind });
  });

  test.each([
    [''],
    ['<html>error</html>'],
    ['null'],
    ['[]'],
    ['{}'],
    ['{"error":null}'],
    ['{"error":""}'],
    ['{"error":{"'],
  ])('is undefined for %j', (text) => {
    expect(decodeError(502, none, text)).toBeUndefined();
  });

  test('a conversation that does not fit has one code, whatever the service calls it', () => {
    const text =
      '{"code":"invalid-argument","error":"This model\'s maximum prompt length is 131072 but the request has 140000."}';
    expect(decodeError(400, none, text)).toMatchObject({ kind: 'invalid-request', code: 'context_length_exceeded' });
    expect(decodeError(429, none, '{"error":{"message":"slower, or a smaller context window"}}')).toMatchObject({
      code: 'upstream_error',
    });
  });

  test('reads how long to wait', () => {
    const headers: Readonly<Record<string, string>> = {
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1.5s',
    };
    expect(decodeError(429, (name) => headers[name], body({ code: 'rate_limit_exceeded' }))?.retryAfterMs).toBe(1500);
    expect(decodeError(400, (name) => headers[name], body({}))?.retryAfterMs).toBeUndefined();
  });
});

describe('findErrorInAnswer', () => {
  const event = (type: string, fields: Readonly<Record<string, unknown>> = {}): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, ...fields })}\n\n`;
  const beginning =
    event('response.created', { response: { error: null } }) +
    event('response.in_progress', { response: { error: null } });
  const flat = event('error', { code: 'rate_limit_exceeded', message: 'words', param: null });
  const nested = event('error', { error: { code: 'rate_limit_exceeded', message: 'words' } });

  test.each([
    ['as the first event', flat],
    ['nested', nested],
    ['after the beginning', beginning + nested],
    ['with the beginning of another event', `${flat}event: resp`],
    ['as plain JSON', body({ code: 'rate_limit_exceeded' })],
  ])('finds an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toMatchObject({
      kind: 'rate-limited',
      code: 'rate_limit_exceeded',
      message: 'words',
    });
  });

  test.each([
    ['after an item', beginning + event('response.output_item.added', { item: {} }) + flat],
    ['cut in its middle', flat.slice(0, -9)],
    [
      'as a response that failed',
      beginning + event('response.failed', { response: { error: { code: 'server_error', message: 'x' } } }),
    ],
  ])('does not take for one an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toBeUndefined();
  });

  test.each([
    ['{"object":"response","status":"completed","error":null}', undefined],
    ['{"object":"response","status":"failed","error":{"code":"server_error","message":"x"}}', undefined],
    ['{"error":{"code":"server_error","message":"x"}}', 'upstream-failed'],
    ['{"code":"invalid-argument","error":"x"}', 'upstream-failed'],
  ])('in the body %s finds %s', (text, kind) => {
    expect(findErrorInAnswer(text, 'whole')?.kind).toBe(kind);
  });
});
