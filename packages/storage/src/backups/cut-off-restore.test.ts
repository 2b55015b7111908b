import { spawn } from 'node:child_process';
import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStorage } from '../open-storage.ts';
import { NOW, sampleProvider } from '../testing/sample-records.ts';
import { createSqliteBed, SQLITE_WORKER_URL } from '../testing/storage-beds.ts';
import { finishRestore } from './incoming-database.ts';

const MASTER_KEY = new Uint8Array(32);
const NEXT_TO_IT = /proxycast\.db(\.incoming|\.restored)?(-wal|-shm)?$|replaced-/;
const bed = createSqliteBed();
let origin: string;

const open = (home: string) =>
  openStorage({
    location: { type: 'sqlite', path: join(home, 'proxycast.db'), workerUrl: SQLITE_WORKER_URL },
    masterKey: MASTER_KEY,
    backupsDirectory: join(home, 'backups'),
    now: () => NOW,
  });

/** Restores, and kills itself just before the call with that number of those that change the files in place. */
const SCRIPT = `
  import fs from 'node:fs/promises';
  import { syncBuiltinESMExports } from 'node:module';
  import { readdirSync } from 'node:fs';
  import { join } from 'node:path';
  const [home, workerUrl, mode, deadly] = process.argv.slice(1);
  let calls = 0;
  const pattern = new RegExp(${JSON.stringify(NEXT_TO_IT.source)});
  for (const name of ['copyFile', 'link', 'rename', 'rm']) {
    const original = fs[name];
    fs[name] = (...args) => {
      if (pattern.test(String(args[0])) || pattern.test(String(args[1]))) {
        if (++calls === Number(deadly)) process.kill(process.pid, 'SIGKILL');
      }
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  const { openStorage, restoreBackup } = await import('@proxycast/storage');
  const parts = { masterKey: new Uint8Array(32), backupsDirectory: join(home, 'backups'), now: Date.now };
  const database = join(home, 'proxycast.db');
  const [backup] = readdirSync(parts.backupsDirectory).filter((name) => name.startsWith('proxycast-'));
  const path = join(parts.backupsDirectory, backup);
  if (mode === 'stopped') await restoreBackup({ ...parts, path, database, workerUrl: new URL(workerUrl) });
  else {
    const storage = await openStorage({ ...parts, location: { type: 'sqlite', path: database, workerUrl: new URL(workerUrl) } });
    await storage.settings.set({ written: true }, Date.now());
    await storage.restore(path);
    await storage.close();
  }
  console.log('done');`;

function restoreAndDie(home: string, mode: string, deadly: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--input-type=module', '--eval', SCRIPT, home, SQLITE_WORKER_URL.href, mode, String(deadly)],
      { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (_code, signal) => resolve(signal === 'SIGKILL' ? 'killed' : output.trim()));
  });
}

beforeAll(async () => {
  origin = await bed.createDirectory();
  const storage = await open(origin);
  await storage.providers.insert(sampleProvider('one'));
  await storage.backup();
  await storage.providers.insert(sampleProvider('two'));
  // Copied while it is open, as a killed server leaves it: the second provider is in the log alone.
  const left = await bed.createDirectory();
  await cp(origin, left, { recursive: true });
  await storage.close();
  origin = left;
  expect((await stat(join(left, 'proxycast.db-wal'))).size).toBeGreaterThan(0);
});
afterAll(() => bed.stop());

describe.each(['stopped', 'running'])('a restore with the server %s', (mode) => {
  test('cut off at any step leaves the old database or the new one, whole', async () => {
    const states: string[] = [];
    for (let deadly = 1; ; deadly++) {
      const home = await bed.createDirectory();
      await cp(origin, home, { recursive: true });
      const end = await restoreAndDie(home, mode, deadly);
      await finishRestore(join(home, 'proxycast.db'));
      {
        await using storage = await open(home);
        states.push((await storage.providers.list()).map(({ id }) => id).join());
      }
      const left = (await readdir(home)).filter((name) => NEXT_TO_IT.test(name));
      expect(left, `call ${deadly}`).toEqual(['proxycast.db']);
      if (end === 'killed') continue;
      expect(end).toBe('done');
      break;
    }
    // Old up to some step, new from there on; and both were seen.
    expect(states.join(' ')).toMatch(/^(one,two )+(one )*one$/);
    expect(states.length).toBeGreaterThan(8);
    expect(states.filter((state) => state === 'one').length).toBeGreaterThan(3);
  }, 120_000);
});
