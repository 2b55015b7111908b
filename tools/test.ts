// What `npm test` runs once tools/prepare.mjs is through. Every step runs even when an earlier one failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installSystemProgram, TEST_PROGRAMS } from './system-programs.ts';
import { parseTestReport, type TestReport } from './test-report.ts';
import { renderSummary, type StepResult } from './test-step.ts';

const root = resolve(import.meta.dirname, '..');
const endToEnd = join(root, 'e2e');
// There nothing may be left out: a test that needs a missing program would pass by not running.
const isComplete = !['', 'false', '0'].includes(process.env.CI ?? '');

interface Step {
  readonly name: string;
  readonly run: (filters: readonly string[]) => Omit<StepResult, 'name' | 'durationMs'>;
}

const STEPS: readonly Step[] = [
  { name: 'programs', run: installPrograms },
  // The clients' own types are part of what is checked.
  { name: 'types', run: () => runAll([...installClients(), [inModules('typescript/bin/tsc'), '--noEmit']]) },
  {
    name: 'lint',
    run: () =>
      runAll([
        [inModules('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
        ['tools/check-imports.ts'],
        ['tools/check-words.ts'],
      ]),
  },
  { name: 'unit', run: (filters) => runVitest(root, filters) },
  { name: 'e2e', run: runEndToEnd },
];
/** What a developer may ask for alone, and the steps it takes. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  types: ['types'],
  lint: ['lint'],
  unit: ['programs', 'unit'],
  e2e: ['programs', 'e2e'],
};

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const unknown = values.only?.find((name) => !Object.hasOwn(ONLY, name));
if (unknown === undefined)
  runSteps(
    values.only?.flatMap((name) => ONLY[name] ?? []),
    positionals,
  );
else refuse(unknown);

function refuse(name: string): void {
  console.error(`--only ${name} is unknown. One of: ${Object.keys(ONLY).join(', ')}.`);
  process.exitCode = 2;
}

/** `filters` name the test files to run, as Vitest takes them. */
function runSteps(names: readonly string[] | undefined, filters: readonly string[]): void {
  const results = STEPS.filter(({ name }) => names?.includes(name) ?? true).map(({ name, run }): StepResult => {
    console.log(`\n── ${name}`);
    const startedAt = performance.now();
    const result = run(filters);
    return { name, durationMs: performance.now() - startedAt, ...result };
  });
  if (results.some(({ isOk }) => !isOk)) process.exitCode = 1;
  process.stdout.write(renderSummary(results));
}

function installPrograms(): ReturnType<Step['run']> {
  const notes = TEST_PROGRAMS.flatMap((program) => {
    const why = installSystemProgram(program);
    return why === undefined ? [] : [`Skipped: ${program.neededFor}. ${why}`];
  });
  for (const note of notes) console.log(note);
  return { isOk: notes.length === 0 || !isComplete, notes };
}

function runAll(commands: readonly (readonly string[])[]): ReturnType<Step['run']> {
  // All of them, so that one run tells everything there is to correct.
  const failed = commands.filter((command) => !runNode(root, command));
  return { isOk: failed.length === 0, notes: [] };
}

function installClients(): readonly (readonly string[])[] {
  return existsSync(join(endToEnd, 'package.json')) ? [['tools/prepare.mjs', 'e2e']] : [];
}

function runEndToEnd(filters: readonly string[]): ReturnType<Step['run']> {
  if (!existsSync(join(endToEnd, 'package.json'))) return { isOk: true, notes: ['There are none in this copy.'] };
  if (!runNode(root, ['tools/prepare.mjs', 'e2e'])) return { isOk: false, notes: ['Their packages are missing.'] };
  return runVitest(endToEnd, filters);
}

function runVitest(folder: string, filters: readonly string[]): ReturnType<Step['run']> {
  const reports = mkdtempSync(join(tmpdir(), 'proxycast-test-'));
  try {
    const path = join(reports, 'report.json');
    const isGreen = runNode(folder, [
      inModules('vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${path}`,
      // A filter may name tests of the other folder alone.
      ...(filters.length > 0 ? ['--passWithNoTests', ...filters] : []),
    ]);
    if (!existsSync(path)) return { isOk: false, notes: ['Vitest ended without a report, see its words above.'] };
    return judgeReport(parseTestReport(readFileSync(path, 'utf8')), isGreen);
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

function judgeReport(report: TestReport, isGreen: boolean): ReturnType<Step['run']> {
  const notes = isComplete ? report.skipped.map((name) => `Skipped, which CI does not allow: ${name}`) : [];
  return { isOk: isGreen && notes.length === 0, report, notes };
}

function inModules(path: string): string {
  return join(root, 'node_modules', path);
}

function runNode(folder: string, words: readonly string[]): boolean {
  const bins = [join(folder, 'node_modules/.bin'), join(root, 'node_modules/.bin'), process.env.PATH ?? ''];
  const { status, error } = spawnSync(process.execPath, words, {
    cwd: folder,
    stdio: 'inherit',
    // Programs that tests start find the Node that runs the tests, also where npm did not start this.
    env: { ...process.env, PATH: bins.join(delimiter) },
  });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}
