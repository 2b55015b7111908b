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
  'invalid-request': [400, 'INVALID_ARGUMENT'],
  authentication: [502, 'INTERNAL'],
  permission: [502, 'INTERNAL'],
  'not-found': [404, 'NOT_FOUND'],
  conflict: [409, 'ABORTED'],
  'method-not-allowed': [405, 'UNIMPLEMENTED'],
  'too-large': [413, 'INVALID_ARGUMENT'],
  'rate-limited': [429, 'RESOURCE_EXHAUSTED'],
  'quota-exhausted': [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  'upstream-failed': [502, 'INTERNAL'],
  'upstream-unreachable': [502, 'UNAVAILABLE'],
  unavailable: [503, 'UNAVAILABLE'],
  internal: [500, 'INTERNAL'],
};
const TYPES = 'type.googleapis.com/google.rpc.';
const info = (reason: string): unknown => ({ '@type': `${TYPES}ErrorInfo`, reason, domain: 'proxycast' });

describe('renderError', () => {
  test.each(ERROR_KINDS)('gives an upstream fault of kind %s its code and status', (kind) => {
    const rendered = renderError(new UpstreamError({ code: 'some_code', message: 'It failed.', kind }), 'req-1');
    const [code, status] = FORMS[kind];
    expect(rendered.status).toBe(code);
    expect(rendered.headers).toEqual({ 'content-type': 'application/json; charset=UTF-8' });
    expect(parseJson(rendered.body)).toEqual({
      error: {
        code,
        message: 'It failed.',
        status,
        details: [info('SOME_CODE'), { '@type': `${TYPES}RequestInfo`, requestId: 'req-1' }],
      },
    });
  });

  test("calls the client's own key wrong with 401", () => {
    const rendered = renderError(
      new ClientAuthenticationError({ code: 'invalid_api_key', message: 'Unknown key.' }),
      'r',
    );
    expect(rendered.status).toBe(401);
    expect(parseJson(rendered.body)).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  });

  test('names the field, and says how long to wait in the header and in the body', () => {
    const violation = {
      '@type': `${TYPES}BadRequest`,
      fieldViolations: [{ field: 'model', description: 'model_not_found' }],
    };
    expect(parseJson(renderError(new ModelNotFoundError('m', 'See the list.'), 'r').body)).toMatchObject({
      error: { details: expect.arrayContaining([violation]) },
    });
    const limited = renderError(
      new GatewayError({ code: 'busy', kind: 'rate-limited', message: 'Busy.', retryAfterMs: 1001 }),
      'r',
    );
    expect(limited.headers).toMatchObject({ 'retry-after': '2' });
    expect(parseJson(limited.body)).toMatchObject({
      error: { details: expect.arrayContaining([{ '@type': `${TYPES}RetryInfo`, retryDelay: '2s' }]) },
    });
  });

  test('keeps a private message inside and a long one short', () => {
    const secret = new GatewayError({ code: 'broken', kind: 'internal', message: 'disk 7 failed', isPublic: false });
    expect(renderError(secret, 'r').body).not.toContain('disk 7');
    const long = new UpstreamError({ code: 'c'.repeat(9999), message: '漢😀'.repeat(99_999) });
    expect(Buffer.byteLength(renderError(long, 'r').body)).toBeLessThan(20_000);
  });
});

describe('renderStreamError', () => {
  const error = new UpstreamError({ code: 'upstream_cut', message: 'Cut\noff.' });
  const body = { error: { code: 502, message: 'Cut\noff.', status: 'INTERNAL', details: [info('UPSTREAM_CUT')] } };
  const render = (framing: 'sse' | 'json-array', sent: string): string =>
    renderStreamError(error, { framing, head: sent, tail: sent, isWhole: true });

  test('is one chunk of a stream', () => {
    const match = /^data: (.+)\r\n\r\n$/.exec(render('sse', 'data: {}\r\n\r\n'));
    expect(parseJson(match?.[1] ?? '')).toEqual(body);
  });

  test.each([[''], ['[{"candidates":[]}'], ['[{"a":1}\n,\r\n{"b":2}\n']])('closes the array begun with %j', (sent) => {
    const elements = parseJson(sent + render('json-array', sent));
    expect(Array.isArray(elements) ? elements.at(-1) : elements).toEqual(body);
  });
});
