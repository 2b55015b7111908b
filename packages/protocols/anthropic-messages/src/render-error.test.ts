import {
  ClientAuthenticationError,
  ERROR_KINDS,
  type ErrorKind,
  GatewayError,
  InvalidRequestError,
  ModelNotFoundError,
  UpstreamError,
} from '@proxycast/spec';
import { parseJson } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { renderError, renderStreamError } from './render-error.ts';

const FORMS: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  'invalid-request': [400, 'invalid_request_error'],
  authentication: [502, 'api_error'],
  permission: [502, 'api_error'],
  'not-found': [404, 'not_found_error'],
  conflict: [409, 'invalid_request_error'],
  'method-not-allowed': [405, 'invalid_request_error'],
  'too-large': [413, 'request_too_large'],
  'rate-limited': [429, 'rate_limit_error'],
  'quota-exhausted': [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  timeout: [504, 'timeout_error'],
  'upstream-failed': [502, 'api_error'],
  'upstream-unreachable': [502, 'api_error'],
  unavailable: [503, 'api_error'],
  internal: [500, 'api_error'],
};

describe('renderError', () => {
  test.each(ERROR_KINDS)('gives an upstream fault of kind %s its status and type', (kind) => {
    const rendered = renderError(new UpstreamError({ code: 'some_code', message: 'It failed.', kind }), 'req-1');
    const [status, type] = FORMS[kind];
    expect(rendered.status).toBe(status);
    expect(rendered.headers).toEqual({ 'content-type': 'application/json', 'request-id': 'req-1' });
    expect(parseJson(rendered.body)).toEqual({
      type: 'error',
      error: { type, message: 'It failed.', details: { error_code: 'some_code' } },
      request_id: 'req-1',
    });
  });

  test("calls the client's own key wrong with 401", () => {
    const rendered = renderError(
      new ClientAuthenticationError({ code: 'invalid_api_key', message: 'Unknown key.' }),
      'r',
    );
    expect(rendered.status).toBe(401);
    expect(parseJson(rendered.body)).toMatchObject({ error: { type: 'authentication_error' } });
  });

  test('names the field and says how long to wait, in whole seconds', () => {
    expect(parseJson(renderError(new ModelNotFoundError('m', 'See the list.'), 'r').body)).toMatchObject({
      error: { type: 'not_found_error', details: { error_code: 'model_not_found', field: 'model' } },
    });
    const limited = new GatewayError({ code: 'busy', kind: 'rate-limited', message: 'Busy.', retryAfterMs: 1001 });
    expect(renderError(limited, 'r').headers).toMatchObject({ 'retry-after': '2' });
  });

  test('says in the words clients act on that a conversation does not fit', () => {
    const say = (message: string) =>
      renderError(new UpstreamError({ code: 'context_length_exceeded', kind: 'invalid-request', message }), 'r').body;
    expect(say('This model has 8 tokens.')).toContain('"prompt is too long: This model has 8 tokens."');
    expect(say('prompt is too long: 9 > 8')).toContain('"prompt is too long: 9 > 8"');
  });

  test('keeps a private message inside and a long one short', () => {
    const secret = new GatewayError({ code: 'broken', kind: 'internal', message: 'disk 7 failed', isPublic: false });
    expect(renderError(secret, 'r').body).not.toContain('disk 7');
    const long = new UpstreamError({ code: 'c'.repeat(9999), message: '漢😀'.repeat(99_999) });
    expect(Buffer.byteLength(renderError(long, 'r').body)).toBeLessThan(20_000);
  });
});

test('a stream ends with one error event, its type at the top', () => {
  const frame = renderStreamError(new UpstreamError({ code: 'upstream_cut', message: 'Cut\noff.' }));
  const match = /^event: error\ndata: (.+)\n\n$/.exec(frame);
  expect(parseJson(match?.[1] ?? '')).toEqual({
    type: 'error',
    error: { type: 'api_error', message: 'Cut\noff.', details: { error_code: 'upstream_cut' } },
  });
});

test('a thread that cannot be held is refused by the code at which the SDK sends the whole conversation', () => {
  const error = new InvalidRequestError({ code: 'unsupported_parameter', field: 'thread', message: 'No threads.' });
  expect(JSON.parse(renderError(error, 'req_1').body)).toMatchObject({
    error: {
      type: 'invalid_request_error',
      details: { error_code: 'thread_unsupported_request', unsupported: ['thread'], field: 'thread' },
    },
  });
});
