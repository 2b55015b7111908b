import { describe, expect, test } from 'vitest';
import { decodeError } from './decode-error.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';

const none = (): undefined => undefined;
const body = (error: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ error: { message: 'words', ...error } });

describe('decodeError', () => {
  test.each([
    ['OpenAI, wrong key', 401, body({ type: 'invalid_request_error', code: 'invalid_api_key' }), 'authentication'],
    ['OpenAI, no quota', 429, body({ type: 'insufficient_quota', code: 'insufficient_quota' }), 'quota-exhausted'],
    ['OpenAI, too fast', 429, body({ type: 'tokens', code: 'rate_limit_exceeded' }), 'rate-limited'],
    ['OpenAI, too long', 400, body({ code: 'context_length_exceeded' }), 'invalid-request'],
    ['OpenAI, unknown model as 400', 400, body({ code: 'model_not_found' }), 'not-found'],
    ['OpenAI, server', 500, body({ type: 'server_error', code: null }), 'upstream-failed'],
    ['OpenAI, overloaded', 503, body({ type: 'server_error' }), 'overloaded'],
    ['OpenRouter, no credits', 402, body({ code: 402 }), 'quota-exhausted'],
    ['OpenRouter, flagged prompt', 403, body({ code: 403, metadata: { reasons: ['violence'] } }), 'invalid-request'],
    ['OpenRouter, forbidden', 403, body({ code: 403 }), 'permission'],
    ['Moonshot, no balance', 429, body({ type: 'exceeded_current_quota_error' }), 'quota-exhausted'],
    ['Moonshot, engine full', 429, body({ type: 'engine_overloaded_error' }), 'overloaded'],
    ['Z.AI, in arrears', 429, body({ code: '1113' }), 'quota-exhausted'],
    ['Alibaba, in arrears', 400, body({ code: 'Arrearage' }), 'quota-exhausted'],
    ['Groq, at capacity', 498, body({}), 'overloaded'],
    ['DeepSeek, no balance', 402, body({ type: 'unknown_error' }), 'quota-exhausted'],
    [
      'xAI, wrong key as 400',
      400,
      '{"code":"invalid-argument","error":"Incorrect API key provided."}',
      'authentication',
    ],
    [
      'Mistral, flat',
      422,
      '{"object":"error","message":"words","type":"invalid_request_error","code":null}',
      'invalid-request',
    ],
    [
      'Mistral, list',
      422,
      '{"detail":[{"loc":["body","messages"],"msg":"words","type":"missing"}]}',
      'invalid-request',
    ],
    ['Gemini, in an array', 400, `[${body({ code: 400, status: 'INVALID_ARGUMENT' })}]`, 'invalid-request'],
    ['a frame', 400, `event: error\ndata: ${body({ code: 'tool_use_failed' })}\n\n`, 'invalid-request'],
    ['only a message', 404, '{"message":"no Route matched"}', 'not-found'],
  ])('%s', (_name, status, text, kind) => {
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
    ['"error"'],
    ['{"error":{"'],
  ])('is undefined for %j', (text) => {
    expect(decodeError(502, none, text)).toBeUndefined();
  });

  test("adds what OpenRouter's provider said", () => {
    const text = body({ message: 'Provider returned error', code: 429, metadata: { raw: 'slow down please' } });
    expect(decodeError(429, none, text)?.message).toBe('Provider returned error: slow down please');
  });

  test('reads how long to wait', () => {
    const headers: Readonly<Record<string, string>> = {
      'x-ratelimit-remaining-requests': '12',
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1.5s',
    };
    const read = (text: string, extra = {}) =>
      decodeError(429, (name) => ({ ...headers, ...extra })[name], text)?.retryAfterMs;
    expect(read(body({ code: 'rate_limit_exceeded' }))).toBe(1500);
    expect(read(body({ code: 'rate_limit_exceeded' }), { 'retry-after-ms': '20' })).toBe(20);
    // The limits of a minute say nothing about a quota that is used up.
    expect(read(body({ code: 'insufficient_quota' }))).toBeUndefined();
  });

  test('bounds what it keeps of the words', () => {
    expect(decodeError(400, none, body({ message: 'y'.repeat(99_999), code: 'x'.repeat(9999) }))?.message).toHaveLength(
      4096,
    );
  });
});

describe('findErrorInAnswer', () => {
  const chunk = (value: Readonly<Record<string, unknown>>): string => `data: ${JSON.stringify(value)}\n\n`;
  const error = chunk({ error: { message: 'words', code: 429 } });
  const delta = (fields: Readonly<Record<string, unknown>>): string =>
    chunk({ choices: [{ index: 0, delta: fields, finish_reason: null }] });

  test.each([
    ['as the first chunk', error],
    ['after a comment', `: OPENROUTER PROCESSING\n\n${error}`],
    ["after Azure's first chunk", chunk({ choices: [], prompt_filter_results: [] }) + error],
    ['after the role', delta({ role: 'assistant', content: '', tool_calls: [], refusal: null }) + error],
    ['with the beginning of another chunk', `${error}data: {"cho`],
    [
      'in a chunk that has choices too',
      chunk({ error: { message: 'words', code: 429 }, choices: [{ delta: {}, finish_reason: 'error' }] }),
    ],
    ['as plain JSON', body({ code: 429 })],
    ['as plain JSON in an array', `[${body({ code: 429 })}]`],
  ])('finds an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toMatchObject({ kind: 'rate-limited', code: '429', message: 'words' });
  });

  test.each([
    ['after content', delta({ role: 'assistant', content: 'a' }) + error],
    ['after a call', delta({ tool_calls: [{ index: 0 }] }) + error],
    ['cut in its middle', error.slice(0, -9)],
    ['in what the model says', delta({ content: error })],
  ])('does not take for one an error %s', (_name, text) => {
    expect(findErrorInAnswer(text, 'sse')).toBeUndefined();
  });

  test.each([
    ['{"error":{"message":"words","code":"content_filter"}}', 'invalid-request'],
    ['{"error":"words"}', 'upstream-failed'],
    ['{"choices":[],"error":{"message":"words","code":503}}', 'overloaded'],
    ['{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}', 'quota-exhausted'],
    ['{"base_resp":{"status_code":2049,"status_msg":"invalid api key"}}', 'authentication'],
  ])('finds the error in the body %s', (text, kind) => {
    expect(findErrorInAnswer(text, 'whole')).toMatchObject({ kind });
  });

  test.each([
    ['{"choices":[{"message":{"content":"\\"error\\""}}],"error":null}'],
    ['{"choices":[{"message":{"content":"a"}}],"error":{"message":"late","code":500}}'],
    ['{"choices":[{"message":{"content":"a"}}],"base_resp":{"status_code":0,"status_msg":""}}'],
    ['{"data":[{"error":{"message":"x"}}]}'],
  ])('finds none in the body %s', (text) => {
    expect(findErrorInAnswer(text, 'whole')).toBeUndefined();
  });
});

describe('a prompt that does not fit', () => {
  test.each([
    { message: "This model's maximum context length is 128000 tokens.", code: 'invalid_request_error' },
    { message: 'Please reduce the length of the messages or completion.' },
    { message: 'Your request exceeded model token limit: 131072', type: 'invalid_request_error' },
    { message: 'the request exceeds the available context size', type: 'exceed_context_size_error' },
    { message: '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]' },
    { message: 'too much', code: 'context_window_exceeded' },
  ])('%j has the code clients shorten for', (error) => {
    expect(decodeError(400, () => undefined, JSON.stringify({ error }))).toEqual({
      kind: 'invalid-request',
      code: 'context_length_exceeded',
      message: error.message,
    });
  });

  test('is not what a server that fails speaks of', () => {
    const body = JSON.stringify({ error: { message: 'out of memory: maximum context length', code: 'x' } });
    expect(decodeError(500, () => undefined, body)).toMatchObject({ code: 'x' });
  });
});
