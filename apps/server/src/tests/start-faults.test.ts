import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'proxycast-faults-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the program until it ends, or until it listens and is told to stop. */
function run(environment: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env['PATH'] ?? '', PROXYCAST_HOME: home, PROXYCAST_PORT: '0', ...environment },
    });
    let output = '';
    let isTold = false;
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      if (isTold || !output.includes('Console: ')) return;
      isTold = true;
      // Twice at once, as under npm: that is one wish to stop.
      child.kill('SIGTERM');
      child.kill('SIGTERM');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

test('starts on an empty home, and stops at a signal with code 0', async () => {
  const { code, output } = await run();
  expect(output).toContain('Listening on http://127.0.0.1:');
  expect(output).toMatch(/Your client key, shown only this once: pc-/);
  expect(code).toBe(0);
});

test('an argument it does not know is refused, not taken for a wish to start', async () => {
  const { code, output } = await run({}, ['--help']);
  expect(code).toBe(2);
  expect(output).toContain('npx proxycast --help');
  expect(existsSync(join(home, 'proxycast.db'))).toBe(false);
});

test('names every wrong setting at once and changes nothing', async () => {
  const { code, output } = await run({
    PROXYCAST_PORT: 'x',
    PROXYCAST_LOG_LEVEL: 'loud',
    PROXYCAST_MASTER_KEY: 'c2hvcnQ=',
  });
  expect(code).toBe(1);
  for (const name of ['PROXYCAST_PORT', 'PROXYCAST_LOG_LEVEL', 'PROXYCAST_MASTER_KEY']) expect(output).toContain(name);
});

test('says that the port is taken and what to do', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const { code, output } = await run({ PROXYCAST_PORT: port });
  other.close();
  expect(code).toBe(1);
  expect(output).toContain(`Port ${port}`);
  expect(output).toContain('PROXYCAST_PORT');
});

test('refuses a corrupt database and leaves it as it is', async () => {
  await run();
  const path = join(home, 'proxycast.db');
  const damaged = Buffer.concat([Buffer.from('this is no database'), Buffer.alloc(9000, 7)]);
  writeFileSync(path, damaged);
  rmSync(`${path}-wal`, { force: true });
  rmSync(`${path}-shm`, { force: true });
  const { code, output } = await run();
  expect(code).toBe(1);
  expect(output).toContain(path);
  expect(readFileSync(path).equals(damaged)).toBe(true);
});

test('refuses to run without the master key the database was made with', async () => {
  await run();
  const key = join(home, 'secret.key');
  const stored = readFileSync(key);
  rmSync(key);
  const missing = await run();
  expect(missing.code).toBe(1);
  expect(missing.output).toContain('secret.key is gone');

  const wrong = await run({ PROXYCAST_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') });
  expect(wrong.code).toBe(1);
  expect(wrong.output.toLowerCase()).toContain('master key');

  writeFileSync(key, stored);
  expect((await run()).code).toBe(0);
});
