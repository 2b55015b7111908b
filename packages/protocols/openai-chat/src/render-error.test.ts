import {
  ClientAuthenticationError,
  ERROR_KINDS,
  type ErrorKind,
  GatewayError,
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
  'not-found': [404, 'invalid_request_error'],
  conflict: [409, 'invalid_request_error'],
  'method-not-allowed': [405, 'invalid_request_error'],
  'too-large': [413, 'invalid_request_error'],
  'rate-limited': [429, 'rate_limit_error'],
  'quota-exhausted': [429, 'insufficient_quota'],
  overloaded: [503, 'server_error'],
  timeout: [504, 'server_error'],
  'upstream-failed': [502, 'api_error'],
  'upstream-unreachable': [502, 'api_error'],
  unavailable: [503, 'server_error'],
  internal: [500, 'server_error'],
};

describe('renderError', () => {
  test.each(ERROR_KINDS)('gives an upstream fault of kind %s its status and type', (kind) => {
    const rendered = renderError(new UpstreamError({ code: 'some_code', message: 'It failed.', kind }));
    const [status, type] = FORMS[kind];
    expect(rendered.status).toBe(status);
    expect(rendered.headers).toEqual({ 'content-type': 'application/json' });
    expect(parseJson(rendered.body)).toEqual({
      error: { message: 'It failed.', type, param: null, code: 'some_code' },
    });
  });

  test("calls the client's own key wrong with 401", () => {
    const rendered = renderError(new ClientAuthenticationError({ code: 'invalid_api_key', message: 'Unknown key.' }));
    expect(rendered.status).toBe(401);
    expect(parseJson(rendered.body)).toMatchObject({
      error: { type: 'invalid_request_error', code: 'invalid_api_key' },
    });
  });

  test('names the field and says how long to wait, in whole seconds', () => {
    expect(parseJson(renderError(new ModelNotFoundError('m', 'See the list.')).body)).toMatchObject({
      error: { param: 'model', code: 'model_not_found' },
    });
    const limited = new GatewayError({ code: 'busy', kind: 'rate-limited', message: 'Busy.', retryAfterMs: 1001 });
    expect(renderError(limited).headers).toMatchObject({ 'retry-after': '2' });
  });

  test('keeps a private message inside and a long one short', () => {
    const secret = new GatewayError({ code: 'broken', kind: 'internal', message: 'disk 7 failed', isPublic: false });
    expect(renderError(secret).body).not.toContain('disk 7');
    const long = new UpstreamError({ code: 'c'.repeat(9999), message: '漢😀'.repeat(99_999) });
    expect(Buffer.byteLength(renderError(long).body)).toBeLessThan(20_000);
  });
});

test('a stream ends with one chunk that is an error, and is not called done', () => {
  const frame = renderStreamError(new UpstreamError({ code: 'upstream_cut', message: 'Cut\noff.' }));
  const match = /^data: (.+)\n\n$/.exec(frame);
  expect(parseJson(match?.[1] ?? '')).toEqual({
    error: { message: 'Cut\noff.', type: 'api_error', param: null, code: 'upstream_cut' },
  });
});
