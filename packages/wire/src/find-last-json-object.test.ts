import { expect, test } from 'vitest';
import { countClosers, findLastJsonObject } from './find-last-json-object.ts';

const counted = (object: Readonly<Record<string, unknown>>) => (typeof object.n === 'number' ? object : undefined);
const find = (text: string) => findLastJsonObject(text, 'usage', counted);

test.each([
  ['the only one', '{"id":1,"usage":{"n":1}}', { n: 1 }],
  ['the last of several', 'data: {"usage":{"n":1}}\n\ndata: {"usage":{"n":2}}\n\n', { n: 2 }],
  ['one before later nulls', '{"usage":{"n":1}}\n{"usage":null}\n{"usage": null}', { n: 1 }],
  ['one before a later one of another shape', '{"usage":{"n":1}}{"usage":{"seconds":3}}', { n: 1 }],
  ['one with blanks around the colon', '{"usage" :\r\n\t {"n":3 } }', { n: 3 }],
  ['one that holds braces and quotes in strings', '{"usage":{"n":1,"s":"}\\"{"}}', { n: 1, s: '}"{' }],
  ['one that holds objects', '{"usage":{"n":1,"d":{"usage":{"m":2}}}}', { n: 1, d: { usage: { m: 2 } } }],
  ['one in a text cut at its start', 'lo \\"usage\\":{\\"n\\":9}","usage":{"n":4}}', { n: 4 }],
  ['one at the very start', '"usage":{"n":5}', { n: 5 }],
  ['one before another that is cut off', '{"usage":{"n":1}}{"usage":{"n":2', { n: 1 }],
])('finds %s', (_name, text, expected) => {
  expect(find(text)).toEqual(expected);
});

test.each([
  ['text without the key', '{"id":1}'],
  ['an empty text', ''],
  ['the key inside a string', JSON.stringify({ text: '{"usage":{"n":1}}' })],
  ['the key inside a string of a string', JSON.stringify({ text: JSON.stringify({ text: '{"usage":{"n":1}}' }) })],
  ['a longer key that ends alike', '{"x\\"usage":{"n":1}}'],
  ['an array under the key', '{"usage":[{"n":1}]}'],
  ['the word as a value', '{"a":"usage","n":1}'],
  ['a broken object', '{"usage":{"n":1,}}'],
])('finds nothing in %s', (_name, text) => {
  expect(find(text)).toBeUndefined();
});

test('passes by an object that is too long to hold counters only', () => {
  expect(find(`{"usage":{"n":1}}{"usage":{"n":2,"pad":"${'x'.repeat(20_000)}"}}`)).toEqual({ n: 1 });
});

test('the work on candidates nested in one another is bounded', () => {
  const nested = '{"usage":'.repeat(100_000);
  const started = performance.now();
  expect(find(nested)).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(1000);
});

test.each([
  ['{"usage":{"n":1}}', 1],
  ['data: {"x":{"usage":{"n":1},"z":["}",{"a":[]}]}}\n\ndata: {"b":{}}\n\ndata: [DONE]\n\n', 2],
  ['[{"usage":{"n":1}}', 1],
  ['[{"usage":{"n":1}},{"c":"]"}]', 2],
])('tells how deep the object stands in %j', (text, expected) => {
  expect(findLastJsonObject(text, 'usage', (_object, end) => countClosers(text, end))).toBe(expected);
});
