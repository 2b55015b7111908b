import { describe, expect, test } from 'vitest';
import { readSignature } from './read-signature.ts';
import { signatureFor } from './signature-for.ts';
import { SIGNATURE_TAG, tagSignature } from './tag-signature.ts';
import { createDraw } from './testing/random-response.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const VALUES: readonly (readonly [string, string])[] = [
  ['base64', 'EqQBCgIYAhIkMDAwMDAwMDAtMDAwMC0wMDAw+/8='],
  ['one character', 'x'],
  ['nothing', ''],
  ['line feeds', 'a\nb\n\nc'],
  ['other scripts', 'é漢字😀'],
  ['a byte order mark', '\ufeffabc'],
  ['what is tagged already', tagSignature({ origin: 'a:x', value: 'inner' }, 'b')],
  ['10 KB', 'abcdefghij'.repeat(1024)],
  ['10 KB of another script', '漢'.repeat(10 * 1024)],
];

describe('tagSignature', () => {
  test.each([
    ['a:x', 'a'],
    ['a', 'a'],
    ['a:x:y', 'a'],
  ])('gives a signature of %s bare to %s', (origin, dialect) => {
    expect(tagSignature({ origin, value: 'v' }, dialect)).toBe('v');
  });

  test.each([
    ['a:x', 'b'],
    ['a', 'b'],
    ['ab:x', 'a'],
    ['a:x', 'ab'],
  ])('gives a signature of %s tagged to %s', (origin, dialect) => {
    const text = tagSignature({ origin, value: 'v' }, dialect);
    expect(text.startsWith(SIGNATURE_TAG)).toBe(true);
    expect(Buffer.from(text, 'base64').toString()).toBe(`_pcsig${origin}\nv`);
  });

  test.each(VALUES)('carries %s as base64 and back', (_, value) => {
    const text = tagSignature({ origin: 'a:x', value }, 'b');
    expect(text).toMatch(BASE64);
    expect(readSignature(text, 'b')).toEqual({ origin: 'a:x', value });
  });

  test('carries values of every length', () => {
    for (let length = 0; length < 64; length++) {
      const value = createDraw(length).text().repeat(length).slice(0, length).toWellFormed();
      expect(readSignature(tagSignature({ origin: 'a:x', value }, 'b'), 'b')).toEqual({ origin: 'a:x', value });
    }
  });
});

describe('readSignature', () => {
  const tagged = tagSignature({ origin: 'a:x', value: 'value of some length' }, 'b');

  test.each([
    ['untagged', 'EqQBCgIYAhIk'],
    ['empty', ''],
    ['the tag alone', SIGNATURE_TAG],
    ['cut', tagged.slice(0, -1)],
    ['cut by a whole group', tagged.slice(0, 12)],
    ['with a line feed', `${tagged}\n`],
    ['with a blank inside', `${tagged.slice(0, 12)} ${tagged.slice(12)}`],
    ['of the URL alphabet', `${SIGNATURE_TAG}__--`],
    ['no base64', `${SIGNATURE_TAG}!!!!`],
    ['without an origin', btoa('_pcsig\nvalue')],
    ['without a line feed', btoa('_pcsiga:x')],
    ['no UTF-8', btoa('_pcsiga:x\n\xff\xfe')],
    ['with loose bits', btoa('_pcsiga:x\n').replace(/.(?==*$)/, 'h')],
    ['with its tag further in', `A${tagged}`],
  ])('takes a text that is %s as the dialect’s own', (_, text) => {
    expect(readSignature(text, 'b')).toEqual({ origin: 'b', value: text });
  });

  test('takes any piece of a tagged text as the dialect’s own, or what it says', () => {
    for (let end = 0; end < tagged.length; end++) {
      const text = tagged.slice(0, end);
      const { origin, value } = readSignature(text, 'b');
      expect(origin === 'b' ? value : tagSignature({ origin, value }, 'b')).toBe(text);
    }
  });
});

describe('signatureFor', () => {
  const upstream = { origin: 'a:x', dialect: 'a' };

  test.each([
    ['a:x', 'v'],
    ['a', 'v'],
    ['a:y', undefined],
    ['b:x', undefined],
    ['b', undefined],
    ['', undefined],
  ])('gives a signature of %j to a:x as %j', (origin, expected) => {
    expect(signatureFor({ origin, value: 'v' }, upstream)).toBe(expected);
  });

  test('bug 31, 32: a signature goes through a client of any dialect only to where it came from', () => {
    const upstreams = ['a:x', 'a:y', 'b:x', 'c:z'].map((origin) => ({ origin, dialect: origin.slice(0, 1) }));
    for (const from of upstreams) {
      for (const client of ['a', 'b', 'c']) {
        const sent = readSignature(tagSignature({ origin: from.origin, value: 'v' }, client), client);
        for (const to of upstreams) {
          const isOwn = to.origin === from.origin || (to.dialect === from.dialect && client === from.dialect);
          expect(signatureFor(sent, to), `${from.origin} → ${client} → ${to.origin}`).toBe(isOwn ? 'v' : undefined);
        }
      }
    }
  });
});
