import { ChunkedBytes } from '@proxycast/wire';
import { describe, expect, test } from 'vitest';
import { bytesInclude } from './bytes-include.ts';

describe('bytesInclude', () => {
  const wanted = Buffer.from('"needle"');

  test('finds the bytes wherever the pieces are cut', () => {
    const text = Buffer.from('{"hay":1,"needle":2}');
    for (let at = 0; at <= text.length; at++) {
      expect(bytesInclude(new ChunkedBytes([text.subarray(0, at), text.subarray(at)]), wanted)).toBe(true);
    }
  });

  test.each([1, 2, 3, 5, 7])('finds them over many pieces of %i bytes', (size) => {
    const pieces = (text: string) =>
      new ChunkedBytes(Array.from(text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [], (piece) => Buffer.from(piece)));
    expect(bytesInclude(pieces('{"hay":1,"needle":2}'), wanted)).toBe(true);
    expect(bytesInclude(pieces('{"hay":1,"needles":2}'), wanted)).toBe(false);
  });

  test('finds nothing where they are not', () => {
    expect(bytesInclude(new ChunkedBytes([Buffer.from('{"hay":1,"need'), Buffer.from('les":2}')]), wanted)).toBe(false);
    expect(bytesInclude(new ChunkedBytes([]), wanted)).toBe(false);
  });
});
