import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createCpuMeter, parseStatUs } from './cpu.ts';

// The benchmark reads /proc, which other systems do not have.
const onLinux = test.runIf(process.platform === 'linux');
const FIELDS = '1 1 1 0 -1 4194560 1000 0 0 0 250 130 0 0 20 0 7 0';

test.each(['(node)', '(a b) c)', '()'])('user and system time are found after a name like %s', (name) => {
  expect(parseStatUs(`123 ${name} S ${FIELDS}`)).toBe(3_800_000);
});

// Burns 300 ms in a thread that ends, and 300 ms in a child, then waits to be ended.
const BURN =
  'const used = () => { const { user, system } = process.cpuUsage(); return user + system; };' +
  'const burn = () => { const end = used() + 3e5; while (used() < end); };';
const PROGRAM = `
  const { Worker } = require('node:worker_threads');
  const { spawn } = require('node:child_process');
  process.once('message', () => new Worker(${JSON.stringify(BURN)} + 'burn()', { eval: true }).on('exit', () => {
    const code = ${JSON.stringify(BURN)} + 'burn(); console.log(1); setInterval(() => {}, 1e6);';
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => process.send('burnt'));
    process.once('message', () => { child.kill(); process.exit(); });
  }));
  process.send('ready');`;

onLinux('the CPU of threads that ended and of children is counted', async () => {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await once(child, 'message');
    const meter = createCpuMeter(child.pid ?? 0);
    const before = meter.readUs();
    child.send('go');
    await once(child, 'message');
    const used = meter.readUs() - before;
    // 600 ms burnt and less than as much for two starts of Node; the coarse clock of the process may lose 60 ms.
    expect(used).toBeGreaterThan(540_000);
    expect(used).toBeLessThan(1_500_000);
  } finally {
    child.send('end');
    await once(child, 'exit');
  }
});

onLinux('a process that is not there has used nothing', () => {
  expect(createCpuMeter(2 ** 30).readUs()).toBe(0);
});
