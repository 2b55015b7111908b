import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderConformancePage } from './render-page.ts';

const PAGE = new URL('../../../../../architecture/conformance.md', import.meta.url);

test('architecture/conformance.md says what the code does: if not, run `npm run conformance` and read the difference', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(renderConformancePage());
});
