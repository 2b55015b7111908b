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

  test('finds nothing where they are not', () => {
    expect(bytesInclude(new ChunkedBytes([Buffer.from('{"hay":1,"need'), Buffer.from('les":2}')]), wanted)).toBe(false);
    expect(bytesInclude(new ChunkedBytes([]), wanted)).toBe(false);
  });
});
