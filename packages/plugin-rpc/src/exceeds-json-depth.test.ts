import { expect, test } from 'vitest';
import { exceedsJsonDepth } from './exceeds-json-depth.ts';

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

test.each([
  { text: nested(8), isTooDeep: false },
  { text: nested(9), isTooDeep: true },
  { text: `${'{"a":'.repeat(9)}1${'}'.repeat(9)}`, isTooDeep: true },
  { text: `[${'[],'.repeat(50)}[]]`, isTooDeep: false },
  { text: JSON.stringify(nested(50)), isTooDeep: false },
  { text: `["\\"${'['.repeat(40)}"]`, isTooDeep: false },
  { text: `["\\\\",${nested(20)}]`, isTooDeep: true },
  { text: `"${'['.repeat(40)}`, isTooDeep: false },
  { text: '', isTooDeep: false },
])('$text', ({ text, isTooDeep }) => {
  expect(exceedsJsonDepth(Buffer.from(text), 8)).toBe(isTooDeep);
});
