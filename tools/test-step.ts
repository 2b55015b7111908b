import type { TestReport } from './test-report.ts';

/** How one step of `npm test` ended. */
export interface StepResult {
  readonly name: string;
  readonly isOk: boolean;
  readonly durationMs: number;
  /** Absent for a step that runs no tests. */
  readonly report?: TestReport;
  /** Why the step failed or what it left out, where its output does not say so. */
  readonly notes: readonly string[];
}

/** The table at the end of `npm test`, and in its last line, alone, the sum over all tests. */
export function renderSummary(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const rows = results.flatMap(({ name, isOk, durationMs, report, notes }) => {
    const time = `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
    const row = `  ${name.padEnd(width)}  ${isOk ? 'ok    ' : 'FAILED'}  ${time}  ${report === undefined ? '' : renderCounts(report)}`;
    return [row.trimEnd(), ...notes.map((note) => `    ${note}`)];
  });
  const sum = (count: (report: TestReport) => number): number =>
    results.reduce((total, { report }) => total + (report === undefined ? 0 : count(report)), 0);
  const last = `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`;
  return ['', ...rows, '', last, ''].join('\n');
}

function renderCounts({ passed, failed, skipped }: TestReport): string {
  return `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}`;
}
