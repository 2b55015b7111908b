import { randomBytes } from 'node:crypto';
import { copyFile, readdir, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Secret } from '@proxycast/spec';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { openEngine } from '../open-engine.ts';
import { openStorage, stepStorageDown } from '../open-storage.ts';
import type { Storage } from '../storage.ts';
import { NOW, sampleApiKey, sampleLedgerEntry, sampleProvider } from '../testing/sample-records.ts';
import { createSqliteBed, SQLITE_WORKER_URL } from '../testing/storage-beds.ts';
import { createRestore } from './create-restore.ts';

const MASTER_KEY = randomBytes(32);
const bed = createSqliteBed();
let database: string;
let backupsDirectory: string;
let backup: string;
let storage: Storage;
let time: number;

const parts = () => ({
  location: { type: 'sqlite', path: database, workerUrl: SQLITE_WORKER_URL } as const,
  backupsDirectory,
  now: () => ++time,
});
const open = () => openStorage({ ...parts(), masterKey: MASTER_KEY });
const writeBackup = async (): Promise<string> => {
  const written = await storage.backup();
  if (written.type !== 'file') throw new Error('SQLite always makes a backup.');
  return written.path;
};
const providers = async () => (await storage.providers.list()).map(({ id }) => id);

beforeEach(async () => {
  const directory = await bed.createDirectory();
  time = NOW;
  database = join(directory, 'proxycast.db');
  backupsDirectory = join(directory, 'backups');
  storage = await open();
  await storage.providers.insert(sampleProvider('one'));
  await storage.apiKeys.insert(sampleApiKey('key', 'one'), new Secret('sk-one'));
  backup = await writeBackup();
  await storage.providers.insert(sampleProvider('two'));
});
afterEach(() => storage.close());
afterAll(() => bed.stop());

test('a backup takes the place of an open database, and the one that was made before takes it back', async () => {
  const report = await storage.restore(backup);
  expect(await providers()).toEqual(['one']);
  expect((await storage.apiKeys.listWithSecrets())[0]?.secret.reveal()).toBe('sk-one');
  await storage.providers.insert(sampleProvider('three'));
  await storage.restore(report.kept ?? '');
  expect(await providers()).toEqual(['one', 'two']);
  await storage.close();
  storage = await open();
  expect(await providers()).toEqual(['one', 'two']);
  expect((await readdir(join(database, '..'))).filter((name) => /incoming|restored|check/.test(name))).toEqual([]);
});

test('what is asked while it is replaced waits, and is answered by one of the two', async () => {
  await storage.ledger.append(Array.from({ length: 2_000 }, (_, at) => sampleLedgerEntry(at, { id: `old-${at}` })));
  let isDone = false;
  const restoring = storage.restore(backup).finally(() => {
    isDone = true;
  });
  const seen = new Set<string>();
  const written: string[] = [];
  for (let round = 0; !isDone || round < 3; round++) {
    const id = `during-${round}`;
    await storage.ledger.append([sampleLedgerEntry(round, { id })]);
    written.push(id);
    await Promise.all(
      [1, 2, 3].map(async () => {
        seen.add((await providers()).join());
      }),
    );
  }
  const { kept = '' } = await restoring;
  expect([...seen]).toEqual(['one,two', 'one']);
  // No row is lost: it is in the backup of before, or in the database of after.
  const idsIn = (path: string) => {
    const file = new DatabaseSync(path);
    const ids = file.prepare("select id from ledger where id like 'during-%'").all();
    file.close();
    return ids.map(({ id }) => String(id));
  };
  await storage.close();
  expect([...idsIn(kept), ...idsIn(database)].sort()).toEqual(written.sort());
});

test('a backup with an earlier schema is brought up to date before it is in place', async () => {
  await storage.close();
  const down = await stepStorageDown(parts());
  storage = await openStorage({ ...parts(), masterKey: MASTER_KEY });
  const older = storage.migration.backup;
  if (older.type !== 'file') throw new Error('A copy is made before a migration.');
  const report = await storage.restore(older.path);
  expect(report.schema).toBe(down.to);
  expect(await providers()).toEqual(['one', 'two']);
  await storage.close();
  storage = await open();
  expect(storage.migration.backup).toEqual({ type: 'none' });
});

test('only one is restored at a time', async () => {
  const first = storage.restore(backup);
  await expect(storage.restore(backup)).rejects.toMatchObject({ code: 'restore_running', kind: 'conflict' });
  await first;
  await storage.restore(backup);
});

test('a damaged backup, and one under another key, leave the database open as it is', async () => {
  const before = await readdir(backupsDirectory);
  const half = join(backupsDirectory, basename(backup).replace('.db', '-half.db'));
  await copyFile(backup, half);
  await truncate(half, 9_000);
  await expect(storage.restore(half)).rejects.toMatchObject({ code: 'backup_damaged' });
  await storage.rotateMasterKey(randomBytes(32));
  await expect(storage.restore(backup)).rejects.toMatchObject({ code: 'backup_other_master_key' });
  expect(await providers()).toEqual(['one', 'two']);
  await storage.providers.insert(sampleProvider('three'));
  expect((await readdir(backupsDirectory)).length).toBe(before.length + 1);
  // After the change of the key its own backups open.
  await storage.restore(await writeBackup());
  expect(await providers()).toEqual(['one', 'three', 'two']);
});

test('when the new database cannot be put in place, the old one is opened again', async () => {
  const engine = await openEngine(parts().location, backupsDirectory);
  await expect(
    engine.replaceFile?.('proxycast-kept', async () => {
      throw new Error('the disk is gone');
    }),
  ).rejects.toThrow('the disk is gone');
  expect(await engine.db.selectFrom('api_key_providers').select('id').execute()).toHaveLength(2);
  await engine.close();
});

test('on PostgreSQL it is refused with the way there', async () => {
  const restore = createRestore({
    ...parts(),
    location: { type: 'postgres', url: new Secret('postgres://h/d') },
    engine: {},
    schema: '',
  });
  await expect(restore('x.dump', MASTER_KEY)).rejects.toMatchObject({
    code: 'restore_unsupported',
    message: expect.stringContaining('pg_restore --clean --if-exists --dbname "$PROXYCAST_DATABASE_URL" x.dump'),
  });
});
