import { describe, expect, test } from 'vitest';
import { hashText } from './hash-text.ts';

describe('hashText', () => {
  // Written down: what was made yesterday is looked for today, so these may not change.
  test.each([
    ['', '3i2pifw3'],
    ['call_1', '83vj0aopf'],
    ['a/b', '1aq4zx1kinp7kntffi4snsk7'],
    ['漢字😀', 'w9p72ntq06op'],
  ])('makes the same of %j as ever', (text, hash) => {
    expect(hashText(text, hash.length)).toBe(hash);
  });

  test.each([[0], [1], [6], [7], [24], [64]])('has the length it is asked for: %i', (length) => {
    expect(hashText('text', length)).toMatch(new RegExp(`^[a-z0-9]{${length}}$`));
  });

  test('tells texts apart that differ in one character', () => {
    const texts = Array.from({ length: 100_000 }, (_, index) => `tool_${index}`);
    expect(new Set(texts.map((text) => hashText(text, 8))).size).toBe(texts.length);
  });

  test('spreads over all its characters', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 3600; index++) {
      for (const character of hashText(`${index}`, 10)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(36);
    for (const [character, count] of counts) expect(count, character).toBeGreaterThan(700);
  });
});
