import { describe, expect, test } from 'vitest';
import { createCustomInputReader } from './custom-input-reader.ts';
import { createDraw } from './testing/random-response.ts';

function read(...pieces: readonly string[]): string {
  const reader = createCustomInputReader();
  return pieces.map((piece) => reader.push(piece)).join('') + reader.end();
}

/** All escapes JSON has, characters in one and two units, written in different ways. */
const TEXT = '*** Begin\n"quoted" \\ / \b\f\r\t é漢😀\u0000 \ud83d \u2028 end';
const WRITTEN: readonly string[] = [
  JSON.stringify({ input: TEXT }),
  JSON.stringify({ input: TEXT }, null, 2),
  `{"input":"${Array.from({ length: TEXT.length }, (_, at) => `\\u${TEXT.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"}`,
  `  { "input" : "${JSON.stringify(TEXT).slice(1, -1).replaceAll('/', '\\/')}" } `,
];

describe('createCustomInputReader', () => {
  test.each(WRITTEN.map((json) => [json]))('reads %j, wherever it is cut', (json) => {
    expect(read(json)).toBe(TEXT);
    expect(read(...json)).toBe(TEXT);
    expect(read(...Array.from({ length: json.length }, (_, at) => json.charAt(at)))).toBe(TEXT);
    for (let first = 0; first <= json.length; first++) {
      for (let second = first; second <= json.length; second++) {
        expect(read(json.slice(0, first), json.slice(first, second), json.slice(second))).toBe(TEXT);
      }
    }
  });

  test('gives text as soon as it is certain', () => {
    const reader = createCustomInputReader();
    expect(reader.push('{"inp')).toBe('');
    expect(reader.push('ut": "')).toBe('');
    expect(reader.push('abc')).toBe('abc');
    expect(reader.push('d\\')).toBe('d');
    expect(reader.push('n')).toBe('\n');
    expect(reader.push('e\\u00')).toBe('e');
    expect(reader.push('e9\\ud83d')).toBe('é');
    expect(reader.push('\\ude')).toBe('');
    expect(reader.push('00')).toBe('😀');
    expect(reader.push('f"}')).toBe('f');
    expect(reader.end()).toBe('');
  });

  test('gives no half of a character, whatever it is asked', () => {
    for (let seed = 0; seed < 300; seed++) {
      const draw = createDraw(seed);
      const text = Array.from({ length: draw.number(12) }, () => draw.text()).join('');
      const json = JSON.stringify({ input: text });
      const reader = createCustomInputReader();
      let out = '';
      for (let at = 0; at < json.length; ) {
        const end = at + 1 + draw.number(4);
        const piece = reader.push(json.slice(at, end));
        expect(piece.isWellFormed(), `seed ${seed}`).toBe(true);
        out += piece;
        at = end;
      }
      expect(out + reader.end()).toBe(text);
    }
  });

  test.each([
    ['fields in front of it', '{"why":"x","input":"text"}', 'text'],
    ['its name written with an escape', '{"in\\u0070ut":"text"}', 'text'],
    ['fields after it', '{"input":"text","why":"x"}', 'text'],
    ['a bare string', '"te\\u0078t"', 'text'],
    ['another name', '{"patch":"text"}', '{"patch":"text"}'],
    ['a name that begins like it', '{"inputs":"text"}', '{"inputs":"text"}'],
    ['no string', '{"input":{"a":1}}', '{"input":{"a":1}}'],
    ['no JSON', '*** Begin Patch\n', '*** Begin Patch\n'],
    ['a number', '12', '12'],
    ['an empty object', '{}', ''],
    ['nothing', '', ''],
    ['an escape JSON does not have', '{"input":"a\\qb\\uzzzzc"}', 'a\\qb\\uzzzzc'],
  ])('reads %s', (_, json, text) => {
    expect(read(json)).toBe(text);
    expect(read(...json)).toBe(text);
  });

  test.each([
    ['in the name', '{"inp', ''],
    ['before the text', '{"input": ', ''],
    ['in the text', '{"input":"abc', 'abc'],
    ['in an escape', '{"input":"abc\\u00', 'abc'],
    ['between the halves of a character', '{"input":"abc\\ud83d', 'abc\ud83d'],
    ['in the second half of a character', '{"input":"abc\\ud83d\\ude', 'abc\ud83d'],
    ['after the text', '{"input":"abc"', 'abc'],
    ['in another field', '{"why":"ab', '{"why":"ab'],
  ])('gives what there is of an input cut %s', (_, json, text) => {
    expect(read(json)).toBe(text);
    expect(read(...Array.from({ length: json.length }, (__, at) => json.charAt(at)))).toBe(text);
  });
});
