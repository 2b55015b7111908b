import { ChunkedBytes } from '@proxycast/wire';
import { expect, test } from 'vitest';
import { inject } from './inject.ts';

const inject1 = (
  text: string,
  ...defaults: Parameters<typeof inject> extends [unknown, ...infer Rest] ? Rest : never
) =>
  inject(new ChunkedBytes([Buffer.from(text)]), ...defaults)
    .joined()
    .toString();

test('adds what the client did not send and leaves every other byte', () => {
  expect(inject1(' { "model":"m", "temperature": 1.0 }', { temperature: 0.5, top_p: 0.9 }, { top_p: 1, seed: 7 })).toBe(
    ' { "top_p":0.9,"seed":7,"model":"m", "temperature": 1.0 }',
  );
});

test('the defaults of the key go before those of the route', () => {
  expect(inject1('{"a":1}', { x: 'key' }, { x: 'route' })).toBe('{"x":"key","a":1}');
});

test('fills an empty object', () => {
  expect(inject1('{ }', { a: [1] })).toBe('{"a":[1] }');
});

test('answers the same bytes when there is nothing to add', () => {
  const body = new ChunkedBytes([Buffer.from('{"a":1}')]);
  expect(inject(body, undefined, undefined)).toBe(body);
  expect(inject(body, { a: 2 }, {})).toBe(body);
});
