import type { ChatBlock } from '@proxycast/spec';
import { describe, expect, test } from 'vitest';
import { resultTextOf } from './result-text-of.ts';
import { textOf } from './text-of.ts';
import { wrapSystemText } from './wrap-system-text.ts';

const BLOCKS: readonly ChatBlock[] = [
  { type: 'text', text: 'one' },
  { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
  { type: 'text', text: '' },
  { type: 'text', text: 'two' },
];

describe('the text of blocks', () => {
  test('is joined as it is', () => {
    expect(textOf(BLOCKS)).toBe('onetwo');
    expect(textOf([])).toBe('');
  });

  test('of a result is joined by line feeds', () => {
    expect(resultTextOf({ blocks: BLOCKS })).toBe('one\n\ntwo');
    expect(resultTextOf({ blocks: BLOCKS.slice(0, 1) })).toBe('one');
    expect(resultTextOf({ blocks: [] })).toBe('');
  });

  test('of the system stands between marks among the user’s words', () => {
    expect(wrapSystemText('Be brief.')).toBe('<system-reminder>\nBe brief.\n</system-reminder>');
  });
});
