import { UpstreamError } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { codec } from './codec.ts';
import { decodeAnswer } from './decode-answer.ts';

const CONTEXT = { origin: 'responses:here', fallbackId: 'fallback', model: 'asked' };
const decode = (body: unknown) => decodeAnswer(body, CONTEXT);

test('bug 93: an answer with odd or missing fields is an answer', () => {
  expect(
    decode({ output: [null, 7, { type: 'message', content: 'plain' }, {}], status: 'complete', usage: null }),
  ).toMatchObject({
    id: 'fallback',
    model: 'asked',
    choices: [{ reason: 'end', blocks: [{ type: 'text', text: 'plain' }, { type: 'opaque' }] }],
  });
  expect(decode({ object: 'response', output: null }).choices[0]?.blocks).toEqual([]);
});

test('an answer in the background has not ended', () => {
  expect(decode({ object: 'response', status: 'queued', output: [] }).choices[0]).toMatchObject({
    reason: 'other',
    upstreamReason: 'queued',
  });
});

test.each([
  ['no object', 'text', 'upstream_invalid_answer'],
  ['an answer of another dialect', { choices: [] }, 'upstream_invalid_answer'],
  ['an error', { error: { code: 'rate_limit_exceeded', message: 'Slow.' } }, 'rate_limit_exceeded'],
  [
    'a response that failed',
    { object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'Oh.' } },
    'server_error',
  ],
  ['one that was cancelled', { object: 'response', status: 'cancelled', output: [] }, 'response_cancelled'],
])('%s is none', (_name, body, code) => {
  expect(() => decode(body)).toThrow(UpstreamError);
  expect(() => decode(body)).toThrow(expect.objectContaining({ code }));
});

test('bug 90: token counts are read and written', () => {
  expect(codec.encodeTokenCount(7)).toEqual({ object: 'response.input_tokens', input_tokens: 7 });
  expect(codec.decodeTokenCount({ object: 'response.input_tokens', input_tokens: 7 })).toBe(7);
  expect(codec.decodeTokenCount({ input_tokens: 'many' })).toBeUndefined();
});
