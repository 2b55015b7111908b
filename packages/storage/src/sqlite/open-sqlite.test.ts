import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Secret, type StorageError } from '@proxycast/spec';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreBackup } from '../backups/restore-backup.ts';
import type { Engine } from '../engine.ts';
import { openStorage } from '../open-storage.ts';
import { createLedgerStore } from '../repositories/ledger-store.ts';
import { createProviderRepository } from '../repositories/provider-repository.ts';
import { createSettingsRepository } from '../repositories/settings-repository.ts';
import type { Storage } from '../storage.ts';
import { NOW, sampleApiKey, sampleLedgerEntry, sampleProvider } from '../testing/sample-records.ts';
import { createSqliteBed, SQLITE_WORKER_URL } from '../testing/storage-beds.ts';
import { openSqlite, type SqliteParts } from './open-sqlite.ts';
import { SQLITE_RESULT } from './sqlite-result-code.ts';

const MASTER_KEY = randomBytes(32);
const bed = createSqliteBed();
let path: string;
let backupsDirectory: string;
const toClose: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  const directory = await bed.createDirectory();
  path = join(directory, 'proxycast.db');
  backupsDirectory = join(directory, 'backups');
});
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((one) => one.close()));
});
afterAll(() => bed.stop());

async function openHere(): Promise<Storage> {
  const location = { type: 'sqlite', path, workerUrl: SQLITE_WORKER_URL } as const;
  const storage = await openStorage({ location, masterKey: MASTER_KEY, backupsDirectory, now: () => NOW });
  toClose.push(storage);
  return storage;
}

async function openEngine(changes: Partial<SqliteParts> = {}): Promise<Engine> {
  const engine = await openSqlite({ path, workerUrl: SQLITE_WORKER_URL, backupsDirectory, ...changes });
  toClose.push(engine);
  return engine;
}

/** A database with some rows in it and a backup of it, closed. Answers the backup's path. */
async function makeDatabase(): Promise<string> {
  const storage = await openHere();
  await storage.providers.insert(sampleProvider('one'));
  await storage.apiKeys.insert(sampleApiKey('k1', 'one'), new Secret('sk-1'));
  await storage.ledger.append(Array.from({ length: 300 }, (_, n) => sampleLedgerEntry(n)));
  const backup = await storage.backup();
  await storage.close();
  if (backup.type !== 'file') throw new Error('SQLite always makes a backup.');
  return backup.path;
}

async function overwrite(position: number, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(randomBytes(length), 0, length, position);
  } finally {
    await file.close();
  }
}

describe('a damaged file', () => {
  const damages: Record<string, () => Promise<void>> = {
    'text instead of a database': () => writeFile(path, 'this was a database once\n'.repeat(400)),
    'random bytes': () => writeFile(path, randomBytes(50_000)),
    'a spoiled header': () => overwrite(0, 16),
    'a spoiled schema': () => overwrite(100, 3_000),
    'spoiled pages in the middle': () => overwrite(4_096 * 4, 4_096 * 12),
    'a file cut in half': async () => truncate(path, Math.floor((await stat(path)).size / 2)),
    'an emptied file': () => truncate(path, 0),
  };

  test.each(Object.entries(damages))('%s is refused, left as it is, and the way back works', async (_, damage) => {
    const backup = await makeDatabase();
    await damage();
    const before = await readFile(path);
    const refusal = await openHere().then(
      () => undefined,
      (error: StorageError) => error,
    );
    expect(refusal).toMatchObject({ name: 'StorageError', code: 'storage_corrupt' });
    expect(refusal?.message).toContain(path);
    expect(refusal?.message).toContain(`proxycast restore ${backup}`);
    expect(await readFile(path)).toEqual(before);

    // As the message says.
    await restoreBackup({
      path: backup,
      database: path,
      backupsDirectory,
      masterKey: MASTER_KEY,
      workerUrl: SQLITE_WORKER_URL,
      now: () => NOW,
    });
    const storage = await openHere();
    expect((await storage.apiKeys.listWithSecrets())[0]?.secret.reveal()).toBe('sk-1');
    expect((await storage.ledger.list({}, { limit: 500 })).items).toHaveLength(300);
  });

  test('without a backup the message says so', async () => {
    await writeFile(path, 'no database');
    await expect(openHere()).rejects.toMatchObject({
      code: 'storage_corrupt',
      message: expect.stringContaining(`There is no backup in ${backupsDirectory}`),
    });
  });

  test('damage met while running is told the same way', async () => {
    await makeDatabase();
    const { db } = await openEngine();
    // A change makes the other connection forget the pages it read when it opened.
    await createSettingsRepository(db).set({ a: 1 }, NOW);
    await overwrite(4_096, (await stat(path)).size - 4_096);
    await expect(db.selectFrom('ledger').selectAll().execute()).rejects.toMatchObject({ code: 'storage_corrupt' });
  });
});

test('a full disk refuses the write, keeps what was there, and goes on when there is room', async () => {
  await makeDatabase();
  const engine = await openEngine();
  const ledger = createLedgerStore(engine);
  const settings = createSettingsRepository(engine.db);
  const limitPages = (pages: number): Promise<unknown> =>
    sql`pragma max_page_count = ${sql.lit(pages)}`.execute(engine.db);
  await limitPages(1);
  const big = Array.from({ length: 500 }, (_, n) => sampleLedgerEntry(1_000 + n));
  const full = { code: 'storage_full', message: expect.stringMatching(/Free some space there/) };
  await expect(ledger.append(big)).rejects.toMatchObject(full);
  await expect(settings.set({ large: 'x'.repeat(200_000), small: 1 }, NOW)).rejects.toMatchObject(full);
  expect((await ledger.list({}, { limit: 500 })).items).toHaveLength(300);
  expect(await settings.all()).toEqual({});
  await limitPages(1_000_000);
  await ledger.append(big);
  await settings.set({ small: 1 }, NOW);
  expect(await settings.all()).toEqual({ small: 1 });
});

test('a backup that cannot be written names its place', async () => {
  await makeDatabase();
  await writeFile(join(dirname(path), 'in-the-way'), '');
  const engine = await openEngine({ backupsDirectory: join(dirname(path), 'in-the-way', 'backups') });
  await expect(engine.backup('proxycast-x')).rejects.toMatchObject({
    code: 'storage_failed',
    message: expect.stringContaining('in-the-way'),
  });
});

test('a database that takes no writes says so', async () => {
  await makeDatabase();
  const engine = await openEngine();
  await sql`pragma query_only = 1`.execute(engine.db);
  await expect(createSettingsRepository(engine.db).set({ a: 1 }, NOW)).rejects.toMatchObject({
    code: 'storage_read_only',
  });
  expect(await createProviderRepository(engine.db).list()).toHaveLength(1);
});

// Root may write everything, so a process opens the file that has stopped being root after it loaded the code.
test('a file the user may not write is refused at open', async () => {
  await makeDatabase();
  for (const suffix of ['-wal', '-shm']) await rm(path + suffix, { force: true });
  await chmod(path, 0o444);
  await chmod(dirname(path), 0o777);
  const source = `
    import { openSqliteConnections } from ${JSON.stringify(new URL('./open-sqlite-connections.ts', import.meta.url).href)};
    if (process.getuid?.() === 0) process.setuid(65_534);
    try {
      openSqliteConnections(process.argv[1], 100);
    } catch (error) {
      console.log(error.errcode & 0xff);
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source, path]);
  expect(Number(stdout)).toBe(SQLITE_RESULT.readOnly);
});

test('a folder that does not exist is named', async () => {
  path = join(dirname(path), 'nowhere', 'proxycast.db');
  await expect(openHere()).rejects.toMatchObject({ name: 'StorageError', message: expect.stringContaining(path) });
});

test('a lock of another process is waited for off the main thread, then told; reading goes on', async () => {
  await makeDatabase();
  const engine = await openEngine({ busyTimeoutMs: 300 });
  const settings = createSettingsRepository(engine.db);
  const other = new DatabaseSync(path);
  try {
    other.exec('begin immediate');
    let turns = 0;
    const counter = setInterval(() => {
      turns += 1;
    }, 5);
    await expect(settings.set({ a: 1 }, NOW)).rejects.toMatchObject({ code: 'storage_locked' });
    clearInterval(counter);
    // A main thread that waits itself would not have turned once.
    expect(turns).toBeGreaterThan(5);
    expect(await settings.all()).toEqual({});
    other.exec('rollback');
    await settings.set({ a: 1 }, NOW);
    expect(await settings.all()).toEqual({ a: 1 });
  } finally {
    other.close();
  }
});

test('nobody reads half a transaction, and other writers wait for its end', async () => {
  await makeDatabase();
  const { db } = await openEngine();
  const settings = createSettingsRepository(db);
  const transaction = await db.startTransaction().execute();
  await transaction.insertInto('settings').values({ name: 'half', value: '1', updated_at: NOW }).execute();
  expect(await settings.all()).toEqual({});
  let isWritten = false;
  const written = settings.set({ other: 2 }, NOW).then(() => {
    isWritten = true;
  });
  await db.selectFrom('settings').selectAll().execute();
  expect(isWritten).toBe(false);
  await transaction.commit().execute();
  await written;
  expect(await settings.all()).toEqual({ half: 1, other: 2 });
});

test('a worker that dies rejects what waits and what comes after, and closing still ends', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', () => { throw new Error('out of order'); });
    parentPort.postMessage({ id: 0, type: 'done', rows: [], changes: 0 });`;
  const engine = await openEngine({ workerUrl: new URL(`data:text/javascript,${encodeURIComponent(source)}`) });
  const stopped = {
    name: 'StorageError',
    code: 'storage_failed',
    message: expect.stringContaining('Restart ProxyCast'),
  };
  const calls = [1, 2, 3].map(() => engine.db.selectFrom('settings').selectAll().execute());
  for (const call of calls) await expect(call).rejects.toMatchObject(stopped);
  await expect(createSettingsRepository(engine.db).set({ a: 1 }, NOW)).rejects.toMatchObject(stopped);
  await expect(engine.db.selectFrom('settings').selectAll().execute()).rejects.toMatchObject(stopped);
  await engine.close();
});

test('a worker script that is missing is told, not waited for', async () => {
  await expect(openEngine({ workerUrl: new URL('file:///nowhere/worker.js') })).rejects.toMatchObject({
    name: 'StorageError',
  });
});

describe('several processes', () => {
  const script = `
    import { openStorage } from '@proxycast/storage';
    import { sampleLedgerEntry } from ${JSON.stringify(new URL('../testing/sample-records.ts', import.meta.url).href)};
    const [path, workerUrl, name, mode] = process.argv.slice(1);
    const storage = await openStorage({
      location: { type: 'sqlite', path, workerUrl: new URL(workerUrl) },
      masterKey: new Uint8Array(32), backupsDirectory: path + '-backups', now: Date.now,
    });
    for (let round = 0; round < 60; round += 1) {
      await storage.settings.set({ [name + round]: round }, Date.now());
      await storage.ledger.append(Array.from({ length: 20 }, (_, n) => sampleLedgerEntry(n, { id: name + round + '-' + n })));
    }
    if (mode === 'die') process.kill(process.pid, 'SIGKILL');
    await storage.close();`;
  const run = (name: string, mode: 'close' | 'die'): Promise<{ code: number | null; errors: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(
        process.execPath,
        ['--input-type=module', '--eval', script, path, SQLITE_WORKER_URL.href, name, mode],
        { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        errors += text;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, errors }));
    });
  const readAll = async (): Promise<{ settings: number; rows: number; version: number }> => {
    const { db } = await openEngine();
    const { count } = await db
      .selectFrom('ledger')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const meta = await db
      .selectFrom('meta')
      .select('value')
      .where('name', '=', 'config_version')
      .executeTakeFirstOrThrow();
    const settings = Object.keys(await createSettingsRepository(db).all()).length;
    return { settings, rows: count, version: Number(meta.value) };
  };

  test('two that create and write the same file at once both succeed, and nothing is lost', async () => {
    const results = await Promise.all([run('a', 'close'), run('b', 'close')]);
    expect(results).toEqual([
      { code: 0, errors: '' },
      { code: 0, errors: '' },
    ]);
    expect(await readAll()).toEqual({ settings: 120, rows: 2_400, version: 120 });
  });

  test('one that is killed leaves everything it was told is written', async () => {
    expect((await run('a', 'die')).code).toBeNull();
    expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0);
    expect(await readAll()).toEqual({ settings: 60, rows: 1_200, version: 60 });
  });
});

test('files are for their owner alone', async () => {
  const backup = await makeDatabase();
  await openEngine();
  for (const file of [path, `${path}-wal`, backup]) expect((await stat(file)).mode & 0o077).toBe(0);
});
