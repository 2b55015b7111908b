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

describe('renderStreamError', () => {
  const error = new UpstreamError({ code: 'upstream_cut', message: 'Cut\noff.' });
  const frameOf = (head: string, tail = head): unknown => {
    const text = renderStreamError(error, { framing: 'sse', head, tail, isWhole: head === tail });
    const match = /^event: (.+)\ndata: (.+)\n\n$/.exec(text);
    const value = parseJson(match?.[2] ?? '');
    expect(value).toMatchObject({ type: match?.[1] });
    return value;
  };
  const created =
    'event: response.created\ndata: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","created_at":7,"model":"m","status":"in_progress","error":null,"output":[],"metadata":{"k":"v"}}}\n\n';
  const delta =
    'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":41,"delta":"x"}\n\n';
  const failed = {
    type: 'response.failed',
    response: {
      id: 'resp_1',
      created_at: 7,
      model: 'm',
      status: 'failed',
      error: { code: 'upstream_cut', message: 'Cut\noff.' },
      output: [],
      metadata: { k: 'v' },
    },
  };

  test('lets the response fail that the stream began with, at the next number', () => {
    expect(frameOf(created)).toEqual({ ...failed, sequence_number: 1 });
    expect(frameOf(created + delta)).toEqual({ ...failed, sequence_number: 42 });
    expect(frameOf(created, `elta":"x"}\n\n${delta}`)).toEqual({ ...failed, sequence_number: 42 });
  });

  test('is not led astray by half an event at the end', () => {
    expect(frameOf(`${created}${delta}event: response.out`)).toEqual({ ...failed, sequence_number: 42 });
  });

  test('counts on from a large event whose beginning was not seen', () => {
    expect(frameOf(created, 'QUJD","sequence_number":41}\n\n')).toEqual({ ...failed, sequence_number: 42 });
  });

  test('is an error event when the response was never seen whole', () => {
    const plain = { type: 'error', code: 'upstream_cut', message: 'Cut\noff.', param: null };
    expect(frameOf('')).toEqual({ ...plain, sequence_number: 0 });
    expect(frameOf(created.slice(0, 90), delta)).toEqual({ ...plain, sequence_number: 42 });
    expect(frameOf(delta)).toEqual({ ...plain, sequence_number: 42 });
  });
});
