import { ChunkedBytes } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { patchBody } from './patch-body.ts';

const patched = (text: string, patch: Parameters<typeof patchBody>[1]): string =>
  patchBody(new ChunkedBytes([Buffer.from(text.slice(0, 9)), Buffer.from(text.slice(9))]), patch)
    .joined()
    .toString('utf8');

describe('patchBody', () => {
  test.each([
    ['the last field', '{"model":"m", "own":{"a":[1,"}"]}}', '{"model":"m"}'],
    ['the first field', '{"own":1,"model":"m"}', '{"model":"m"}'],
    ['a field in the middle', '{"model":"m","own":"ü","input":[ 1 ]}', '{"model":"m","input":[ 1 ]}'],
  ])('takes out %s and leaves the other bytes', (_, before, after) => {
    expect(patched(before, { remove: ['own'] })).toBe(after);
  });

  test('a field of that name further down stays', () => {
    const text = '{"model":"m","input":[{"own":1}]}';
    expect(patched(text, { remove: ['own'] })).toBe(text);
  });

  test('sets a field in the place of the one that was there', () => {
    expect(patched('{"model":"m","own":1}', { remove: ['model'], set: { own: 2 } })).toBe('{"own":2}');
  });

  test('a body without the word is the same object, so nothing is copied', () => {
    const body = new ChunkedBytes([Buffer.from('{"model":"m"}')]);
    expect(patchBody(body, { remove: ['own'] })).toBe(body);
  });

  test('a body that is no object is left to the upstream', () => {
    expect(patched('["own"]', { remove: ['own'] })).toBe('["own"]');
  });

  test('a wrapped body is taken out of its field, and patched then', () => {
    const text = '{"other":1,"own":{"model":"m","input":"ü"}}';
    expect(patched(text, { unwrap: 'own', remove: ['model'] })).toBe('{"input":"ü"}');
    expect(patched('{"model":"m","input":1}', { unwrap: 'own', remove: ['model'] })).toBe('{"input":1}');
    expect(patched('{"own":"no object"}', { unwrap: 'own' })).toBe('{"own":"no object"}');
  });

  const fill = { list: 'turns', field: 'role', value: 'user' };

  test.each([
    ['{"turns":[{"a":"ü"}, 1],"b":2}', '{"turns":[{"role":"user","a":"ü"},1],"b":2}'],
    ['{"own":{"turns":[{"a":1}]}}', '{"turns":[{"role":"user","a":1}]}'],
    ['{"turns":{"a":1}}', '{"turns":{"a":1}}'],
    ['{"b":1}', '{"b":1}'],
    ['["turns"]', '["turns"]'],
    ['{"turns":[', '{"turns":['],
  ])('a list of %s is filled', (before, after) => {
    expect(patched(before, { fill, unwrap: 'own' })).toBe(after);
  });

  test('a body in which the name stands is the same object, so nothing is read', () => {
    const body = new ChunkedBytes([Buffer.from('{"turns":[{"a":1},{"role":"model"}]}')]);
    expect(patchBody(body, { fill })).toBe(body);
  });
});
