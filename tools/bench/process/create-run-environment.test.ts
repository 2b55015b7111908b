import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRunEnvironment } from './create-run-environment.ts';
import { listProcessTree, listThreads } from './list-process-tree.ts';
import { pollUntil } from './poll-until.ts';

// One that does not want to end, with a child that does not either.
const STUBBORN = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);`;
const PARENT = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}]); ${STUBBORN}`;
const isGone = (pid: number): true | undefined => (listThreads(pid).length === 0 ? true : undefined);

test.each(['dispose', 'disposeNow'] as const)('after %s no process and no folder of the run is left', async (way) => {
  const environment = createRunEnvironment();
  const folder = environment.makeFolder();
  const started = environment.start(process.execPath, ['-e', PARENT]);
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
