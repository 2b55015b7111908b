import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRunEnvironment } from './create-run-environment.ts';
import { isRunning, listProcessTree } from './list-process-tree.ts';
import { pollUntil } from './poll-until.ts';

// The benchmark reads /proc, which other systems do not have.
const onLinux = test.runIf(process.platform === 'linux');
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);`;
const SPAWN = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}]);`;
const PROGRAMS = { willing: `${SPAWN} setInterval(() => {}, 1e6);`, stubborn: `${STUBBORN} ${SPAWN}` };
const isGone = (pid: number): true | undefined => (isRunning(pid) ? undefined : true);

onLinux.each([
  ['dispose', 'willing'],
  ['dispose', 'stubborn'],
  ['disposeNow', 'stubborn'],
] as const)('after %s no folder is left, nor a %s program, nor its stubborn child', async (way, program) => {
  const environment = createRunEnvironment();
  const folder = environment.makeFolder();
  const started = environment.start(process.execPath, ['-e', PROGRAMS[program]]);
  const tree = await pollUntil(
    () => (listProcessTree(started.pid).length === 2 ? listProcessTree(started.pid) : undefined),
    {
      intervalMs: 10,
      timeoutMs: 5000,
      failure: 'the child does not start',
    },
  );
  await environment[way]();
  for (const pid of tree) {
    await pollUntil(() => isGone(pid), { intervalMs: 10, timeoutMs: 2000, failure: `process ${pid} is left` });
  }
  expect(existsSync(folder)).toBe(false);
});
