/** What one run of Vitest came to. */
export interface TestReport {
  readonly passed: number;
  /** A file that could not be loaded counts as one. */
  readonly failed: number;
  /** Full names of tests that did not run. */
  readonly skipped: readonly string[];
}

/** Reads what Vitest's `json` reporter writes. Throws when it is something else. */
export function parseTestReport(text: string): TestReport {
  const json: unknown = JSON.parse(text);
  const files = listOf(json, 'testResults').map((file) => ({
    isBroken: textOf(file, 'status') === 'failed' && listOf(file, 'assertionResults').length === 0,
    tests: listOf(file, 'assertionResults').map((test) => ({
      name: textOf(test, 'fullName'),
      status: textOf(test, 'status'),
    })),
  }));
  const tests = files.flatMap((file) => file.tests);
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  return {
    passed: count('passed'),
    failed: count('failed') + files.filter((file) => file.isBroken).length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ name }) => name),
  };
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const found = fieldOf(value, key);
  if (!Array.isArray(found)) throw new Error(`The report of Vitest has no list ${key}.`);
  return found;
}

function textOf(value: unknown, key: string): string {
  const found = fieldOf(value, key);
  if (typeof found !== 'string') throw new Error(`The report of Vitest has no text ${key}.`);
  return found;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}
