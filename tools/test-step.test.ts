import { expect, test } from 'vitest';
import { renderSummary } from './test-step.ts';

test('the summary has a row for each step and ends in the sum alone on a line', () => {
  const summary = renderSummary([
    { name: 'types', isOk: true, durationMs: 3_210, notes: [] },
    {
      name: 'unit',
      isOk: false,
      durationMs: 61_000,
      report: { passed: 8, failed: 2, skipped: ['a'] },
      notes: ['because'],
    },
    { name: 'e2e', isOk: true, durationMs: 4, report: { passed: 3, failed: 0, skipped: [] }, notes: [] },
  ]);
  expect(summary.split('\n')).toEqual([
    '',
    '  types  ok         3.2 s',
    '  unit   FAILED    61.0 s  8 passed, 2 failed, 1 skipped',
    '    because',
    '  e2e    ok         0.0 s  3 passed, 0 failed',
    '',
    '11 passed, 2 failed',
    '',
  ]);
});

test('without a test run the sum is nought', () => {
  expect(renderSummary([{ name: 'types', isOk: true, durationMs: 0, notes: [] }])).toMatch(/\n0 passed, 0 failed\n$/);
});
