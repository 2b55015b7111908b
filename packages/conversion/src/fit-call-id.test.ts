import { describe, expect, test } from 'vitest';
import { type CallIdRule, fitCallId } from './fit-call-id.ts';
import { originalCallId } from './original-call-id.ts';

const SAFE: CallIdRule = { pattern: /^[A-Za-z0-9_-]+$/, maxLength: 64 };
const NINE: CallIdRule = { pattern: /^[A-Za-z0-9]{9}$/, maxLength: 9, exactLength: 9 };

const ODD_IDS: readonly (readonly [string, string])[] = [
  ['a dot', 'functions.bash:0'],
  ['a line feed', 'call_1\nfc_2'],
  ['another script', '呼び出し😀'],
  ['a byte order mark', '\ufeff'],
  ['a blank', ' '],
  ['bytes whose base64 has + and /', '>>>???~~~'],
];
const LONG_ID = `call_${'x'.repeat(200)}`;

describe('fitCallId', () => {
  test.each([['call_abc'], ['toolu_01A-b'], ['x'.repeat(64)]])('leaves %s as it is', (id) => {
    expect(fitCallId(id, SAFE)).toBe(id);
    expect(originalCallId(id)).toBe(id);
  });

  test.each(ODD_IDS)('bug 51: fits an id with %s, and finds it again', (_, id) => {
    const fitted = fitCallId(id, SAFE);
    expect(fitted).toMatch(/^pc_[A-Za-z0-9_-]{1,61}$/);
    expect(fitCallId(fitted, SAFE)).toBe(fitted);
    expect(originalCallId(fitted)).toBe(id);
  });

  test.each([
    ['long', LONG_ID],
    ['long and odd', `call_1\n${'y'.repeat(90)}`],
    ['short, but long in UTF-8', '漢'.repeat(40)],
    ['empty', ''],
  ])('bug 52: gives an id that is %s another one, always the same', (_, id) => {
    const fitted = fitCallId(id, SAFE);
    expect(fitted).toMatch(/^pch_[a-z0-9]{24}$/);
    expect(fitCallId(id, SAFE)).toBe(fitted);
    expect(originalCallId(fitted)).toBe(fitted);
  });

  test('uses all the room there is', () => {
    for (let length = 1; length < 80; length++) {
      const id = '.'.repeat(length);
      const fitted = fitCallId(id, SAFE);
      expect(fitted.length).toBeLessThanOrEqual(64);
      expect(originalCallId(fitted) === id, `length ${length}`).toBe(length <= 45);
    }
  });

  test.each([['call_abcdef'], ['short'], ['呼び出し'], [''], [LONG_ID]])(
    'makes nine letters and digits of %j',
    (id) => {
      const fitted = fitCallId(id, NINE);
      expect(fitted).toMatch(/^[a-z0-9]{9}$/);
      expect(fitCallId(fitted, NINE)).toBe(fitted);
    },
  );

  test('gives different ids different ones', () => {
    for (const rule of [SAFE, NINE]) {
      const ids = Array.from({ length: 20_000 }, (_, index) => `call ${index} ${'x'.repeat(index % 70)}`);
      expect(new Set(ids.map((id) => fitCallId(id, rule))).size).toBe(ids.length);
    }
  });
});

describe('originalCallId', () => {
  test.each([
    ['pc_'],
    ['pc_a'],
    ['pc_AAA=='],
    ['pc_abcd'],
    ['pc_not base64'],
    ['pc_aGk+'],
    ['pc_Zm9vYh'],
    ['pch_Zm9v'],
    ['PC_Zm9v'],
    [''],
  ])('leaves %j as it is', (id) => {
    expect(originalCallId(id)).toBe(id);
  });
});
