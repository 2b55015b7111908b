import { expect, test } from 'vitest';
import { pdfPageCountOf } from './pdf-page-count.ts';

test.each([
  ['its page objects', '%PDF-1.4 << /Type /Pages /Count 9 >> << /Type /Page >> <</Type/Page/Parent 1 0 R>>', 2],
  ['the root of the page tree', '%PDF-1.5 << /Type /Pages /Count 7 >> stream … << /Count 3 >>', 7],
  ['its size', `%PDF-1.7 ${'x'.repeat(120_000)}`, 3],
  ['nothing at all', '', 1],
])('pages are known by %s', (_, text, pages) => {
  expect(pdfPageCountOf(Buffer.from(text, 'latin1'))).toBe(pages);
});

test('a document that claims a million pages is bounded', () => {
  expect(pdfPageCountOf(Buffer.from('/Count 999999'))).toBe(2_000);
});
