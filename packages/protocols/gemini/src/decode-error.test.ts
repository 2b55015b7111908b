import { describe, expect, test } from 'vitest';
import { decodeError } from './decode-error.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';

const none = (): undefined => undefined;
const body = (code: number, status: string, details: readonly unknown[] = [], message = 'words'): string =>
  JSON.stringify({ error: { code, message, status, details } });
const reason = (text: string): unknown => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: text });
const quota = (quotaId: string): unknown => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});
const retry = (retryDelay: string): unknown => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });

describe('decodeError', () => {
  test.each([
    [400, body(400, 'INVALID_ARGUMENT'), 'invalid-request', 'INVALID_ARGUMENT'],
    [400, body(400, 'INVALID_ARGUMENT', [reason('API_KEY_INVALID')]), 'authentication', 'API_KEY_INVALID'],
    [
      400,
      body(400, 'FAILED_PRECONDITION', [], 'User location is not supported for the API use.'),
      'permission',
      'FAILED_PRECONDITION',
    ],
    [400, body(400, 'FAILED_PRECONDITION'), 'invalid-request', 'FAILED_PRECONDITION'],
    [401, body(401, 'UNAUTHENTICATED'), 'authentication', 'UNAUTHENTICATED'],
    [403, body(403, 'PERMISSION_DENIED', [reason('SERVICE_DISABLED')]), 'permission', 'SERVICE_DISABLED'],
    [403, body(403, 'PERMISSION_DENIED', [reason('BILLING_DISABLED')]), 'quota-exhausted', 'BILLING_DISABLED'],
    [404, body(404, 'NOT_FOUND'), 'not-found', 'NOT_FOUND'],
    [
      429,
      body(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerMinutePerProject')]),
      'rate-limited',
      'RESOURCE_EXHAUSTED',
    ],
    [
      429,
      body(429, 'RESOURCE_EXHAUSTED', [quota('GenerateRequestsPerDayPerProject-FreeTier')]),
      'quota-exhausted',
      'RESOURCE_EXHAUSTED',
    ],
    [499, body(499, 'CANCELLED'), 'invalid-request', 'CANCELLED'],
    [500, body(500, 'INTERNAL'), 'upstream-failed', 'INTERNAL'],
    [503, body(503, 'UNAVAILABLE'), 'overloaded', 'UNAVAILABLE'],
    [504, body(504, 'DEADLINE_EXCEEDED'), 'timeout', 'DEADLINE_EXCEEDED'],
    [400, `[${body(400, 'INVALID_ARGUMENT')}]`, 'invalid-request', 'INVALID_ARGUMENT'],
    [503, `data: ${body(503, 'UNAVAILABLE')}\r\n\r\n`, 'overloaded', 'UNAVAILABLE'],
    [403, '{"error":"words"}', 'permission', 'UNKNOWN'],
    [403, '{"detail":"words"}', 'permission', 'UNKNOWN'],
  ])('status %i with %s is %s', (status, text, kind, code) => {
    expect(decodeError(status, none, text)).toMatchObject({ kind, code });
  });

  test.each([[''], ['<html>error</html>'], ['null'], ['[]'], ['[[]]'], ['{}'], ['{"error":null}'], ['{"error":{"']])(
    'is undefined for %j',
    (text) => {
      expect(decodeError(502, none, text)).toBeUndefined();
    },
  );

  test.each([
    ['its own detail', [retry('48.9s')], {}, 48_900],
    ['its own detail before a header', [retry('1s')], { 'retry-after': '9' }, 1000],
    ['a header', [], { 'retry-after': '9' }, 9000],
    ['a month, cut to a day', [retry('2592000s')], {}, 86_400_000],
    ['nonsense', [retry('soon')], {}, undefined],
  ])('reads how long to wait from %s', (_name, details, headers: Readonly<Record<string, string>>, expected) => {
    const decoded = decodeError(429, (name) => headers[name], body(429, 'RESOURCE_EXHAUSTED', details));
    expect(decoded?.retryAfterMs).toBe(expected);
  });
});

describe('findErrorInAnswer', () => {
  const error = body(503, 'UNAVAILABLE');

  test.each([
    ['in a body', 'whole', error],
    ['in a chunk', 'sse', `data: ${error}\r\n\r\n`],
    ['in a chunk with half of another', 'sse', `data: ${error}\r\n\r\ndata: {"ca`],
    ['in plain JSON for a stream', 'sse', error],
    ['in an array', 'json-array', `[${error}]`],
    ['in an array that has not closed', 'json-array', `[${error}\n`],
  ] as const)('finds an error %s', (_name, framing, text) => {
    expect(findErrorInAnswer(text, framing)).toMatchObject({
      kind: 'overloaded',
      code: 'UNAVAILABLE',
      message: 'words',
    });
  });

  const said =
    '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"x","args":{"error":{"message":"y"}}}}]}}]}';
  test.each([
    ['in the arguments of a call', 'whole', said],
    ['in the arguments of a streamed call', 'sse', `data: ${said}\r\n\r\n`],
    ['after the first chunk', 'sse', `data: ${said}\r\n\r\ndata: ${error}\r\n\r\n`],
    ['after the first element', 'json-array', `[${said},${error}]`],
    ['cut in its middle', 'json-array', `[${error.slice(0, -3)}`],
  ] as const)('does not take for one an error %s', (_name, framing, text) => {
    expect(findErrorInAnswer(text, framing)).toBeUndefined();
  });
});
