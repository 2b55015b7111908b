import { ChunkedBytes } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { readFieldText, spliceInput } from './splice-input.ts';

/** In pieces, so that every seam lies somewhere. */
const bytes = (text: string, size = 7): ChunkedBytes => {
  const all = Buffer.from(text);
  return new ChunkedBytes(
    Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.subarray(index * size, (index + 1) * size)),
  );
};

test.each([
  ['{"model":"m","input":"Grüße"}', '"Grüße"'],
  ['{ "input" : [ {"a":"]"} ] , "model":"m"}', '[ {"a":"]"} ]'],
  ['{"model":"m"}', ''],
  ['{"nested":{"input":"no"},"input":null}', 'null'],
])('the input of %s', (body, text) => {
  expect(readFieldText(bytes(body), 'input')).toBe(text);
});

describe('a body with another input', () => {
  const splice = (body: string, items: readonly string[]): unknown =>
    JSON.parse(
      spliceInput(bytes(body), { field: 'input', items, remove: ['previous_response_id'] })
        .joined()
        .toString('utf8'),
    );

  test.each([
    ['{"model":"m","input":"x","previous_response_id":"r","stream":true}', { model: 'm', stream: true }],
    ['  \n {"previous_response_id":"r","model":"m"}', { model: 'm' }],
    ['{"input":[1],"previous_response_id":"r"}', {}],
    ['{"model":"m","text":{"previous_response_id":"mine"}}', { model: 'm', text: { previous_response_id: 'mine' } }],
    ['{"m\\u006fdel":"m","input":1}', { model: 'm' }],
  ])('%s', (body, rest) => {
    expect(splice(body, ['{"a":1},{"b":"ü"}', '', '{"c":3}'])).toEqual({
      ...rest,
      input: [{ a: 1 }, { b: 'ü' }, { c: 3 }],
    });
    expect(splice(body, ['', ''])).toEqual({ ...rest, input: [] });
  });
});
