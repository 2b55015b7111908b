import { expect, test } from 'vitest';
import { parseTestReport } from './test-report.ts';

const report = (...files: object[]): string => JSON.stringify({ numTotalTests: 0, testResults: files });
const file = (status: string, ...tests: [string, string][]): object => ({
  status,
  assertionResults: tests.map(([fullName, testStatus]) => ({ fullName, status: testStatus })),
});

test('passed and failed tests of all files are summed', () => {
  const text = report(
    file('passed', ['a', 'passed'], ['b', 'passed']),
    file('failed', ['c', 'failed'], ['d', 'passed']),
  );
  expect(parseTestReport(text)).toEqual({ passed: 3, failed: 1, skipped: [] });
});

test('a file that could not be loaded counts as failed', () => {
  expect(parseTestReport(report(file('failed')))).toEqual({ passed: 0, failed: 1, skipped: [] });
});

test('what did not run is named, whatever the reason', () => {
  const text = report(
    file('passed', ['a', 'passed'], ['left out', 'skipped'], ['to write', 'todo'], ['not reached', 'pending']),
  );
  expect(parseTestReport(text)).toEqual({ passed: 1, failed: 0, skipped: ['left out', 'to write', 'not reached'] });
});

test.each([
  '{}',
  '{"testResults":[{}]}',
  '[]',
  'null',
  '{"testResults":[{"status":"failed","assertionResults":[{}]}]}',
])('%s is refused', (text) => {
  expect(() => parseTestReport(text)).toThrow('The report of Vitest has no');
});
