import { expect, test } from 'vitest';
import { cutText } from './cut-text.ts';

const cut = (text: string): readonly string[] => {
  const pieces: string[] = [];
  cutText(text, (piece) => pieces.push(piece));
  return pieces;
};

test('prose and code stay in one piece', () => {
  const text = 'A sentence with words, 12345 and 漢字。\n\tif (x === 1) return "y";\n';
  expect(cut(text)).toEqual([text]);
});

test.each(['a', '7', ' ', '=', 'é', '漢', '\ud800', '\u0301'])('a run of %j is cut, and nothing is lost', (unit) => {
  const text = unit.repeat(10_000);
  const pieces = cut(text);
  expect(pieces.join('')).toBe(text);
  for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(64);
});

test('pairs of surrogates stay together', () => {
  const text = `x${'😀'.repeat(1_000)}`;
  const pieces = cut(text);
  expect(pieces.join('')).toBe(text);
  expect(pieces.length).toBeGreaterThan(50);
  for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
});

test('a long text without runs is cut between words', () => {
  const text = 'some words '.repeat(10_000);
  const pieces = cut(text);
  expect(pieces.join('')).toBe(text);
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces) {
    expect(piece.length).toBeLessThan(33 * 1024);
    expect(piece).toMatch(/^ ?(some|words)/);
  }
});

test('nothing comes of nothing', () => {
  expect(cut('')).toEqual([]);
});
