import { randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../open-storage.ts';
import { NOW, sampleProvider } from '../testing/sample-records.ts';
import { createSqliteBed, SQLITE_WORKER_URL } from '../testing/storage-beds.ts';
import { listBackups, pruneBackups } from './prune-backups.ts';
import { restoreBackup } from './restore-backup.ts';

const MASTER_KEY = randomBytes(32);
const DAY_MS = 24 * 60 * 60 * 1000;
const bed = createSqliteBed();
let database: string;
let backupsDirectory: string;
let backup: string;

const providersIn = async (): Promise<readonly string[]> => {
  await using storage = await open();
  return (await storage.providers.list()).map(({ id }) => id);
};
const open = () =>
  openStorage({
    location: { type: 'sqlite', path: database, workerUrl: SQLITE_WORKER_URL },
    masterKey: MASTER_KEY,
    backupsDirectory,
    now: () => NOW,
  });
const restore = (path: string, masterKey: Uint8Array = MASTER_KEY) =>
  restoreBackup({ path, database, backupsDirectory, masterKey, workerUrl: SQLITE_WORKER_URL, now: () => NOW + 1 });

beforeEach(async () => {
  const directory = await bed.createDirectory();
  database = join(directory, 'proxycast.db');
  backupsDirectory = join(directory, 'backups');
  await using storage = await open();
  await storage.providers.insert(sampleProvider('one'));
  const written = await storage.backup();
  if (written.type !== 'file') throw new Error('SQLite always makes a backup.');
  backup = written.path;
  await storage.providers.insert(sampleProvider('two'));
});
afterAll(() => bed.stop());

test('a backup takes the place of the database, which is kept', async () => {
  const report = await restore(backup);
  expect(report.schema).toMatch(/^\d{4}/);
  expect(await providersIn()).toEqual(['one']);
  database = report.kept ?? '';
  expect(await providersIn()).toEqual(['one', 'two']);
});

test('a backup is put in place where there is no database', async () => {
  database = `${database}.elsewhere`;
  const report = await restore(backup);
  expect(report.kept).toBeUndefined();
  expect(await providersIn()).toEqual(['one']);
});

describe('is refused, and nothing is replaced:', () => {
  const damage = async (change: (path: string) => Promise<void>): Promise<string> => {
    const path = join(backupsDirectory, 'changed.db');
    await copyFile(backup, path);
    await change(path);
    return path;
  };

  const linkTo = async (target: string): Promise<string> => {
    const path = join(backupsDirectory, 'link.db');
    await symlink(target, path);
    return path;
  };

  test.each([
    ['a file that is not there', async () => join(backupsDirectory, 'none.db'), 'backup_missing'],
    ['a folder', async () => backupsDirectory, 'backup_missing'],
    ['a link out of the folder', () => linkTo(backup), 'backup_missing'],
    ['an empty file', () => damage((path) => truncate(path, 0)), 'backup_damaged'],
    [
      'a backup cut in half',
      () => damage(async (path) => truncate(path, (await readFile(path)).length / 2)),
      'backup_damaged',
    ],
    [
      'something else',
      () => damage((path) => writeFile(path, 'no database at all, but long enough to be one')),
      'backup_damaged',
    ],
    [
      'another program’s database',
      () =>
        damage(async (path) => {
          await truncate(path, 0);
          const other = new DatabaseSync(path);
          other.exec('create table things (id text)');
          other.close();
        }),
      'backup_damaged',
    ],
    [
      'a backup of a newer version',
      () =>
        damage(async (path) => {
          const newer = new DatabaseSync(path);
          newer.exec("insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')");
          newer.close();
        }),
      'backup_newer',
    ],
  ])('%s', async (_name, make, code) => {
    const path = await make();
    const before = await readdir(backupsDirectory);
    await expect(restore(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    expect(await providersIn()).toEqual(['one', 'two']);
    expect((await readdir(backupsDirectory)).sort()).toEqual(before.sort());
  });

  test('a backup that another master key encrypted', async () => {
    await expect(restore(backup, randomBytes(32))).rejects.toMatchObject({ code: 'backup_other_master_key' });
    expect(await providersIn()).toEqual(['one', 'two']);
  });
});

test('backups are listed newest first, and old ones are removed but for the newest', async () => {
  const names = [9, 8, 3, 1].map((days) => {
    const time = new Date(NOW - days * DAY_MS).toISOString().replaceAll(/[-:.]/g, '');
    return `proxycast-${time}-schema-0001.db`;
  });
  for (const name of names) await writeFile(join(backupsDirectory, name), 'x');
  await writeFile(join(backupsDirectory, 'replaced-proxycast.db'), 'not a backup by name');
  const replaced = names.slice(0, 2).map((name) => `replaced-${name.slice(0, 29)}-proxycast.db`);
  for (const name of replaced) await writeFile(join(backupsDirectory, name), 'x');
  expect((await listBackups(backupsDirectory)).map(({ name }) => name).slice(1)).toEqual([...names].reverse());
  expect(await pruneBackups(backupsDirectory, 7, NOW)).toEqual([names[1], names[0], replaced[0]]);
  expect(await pruneBackups(backupsDirectory, 7, NOW + 400 * DAY_MS)).toHaveLength(2);
  expect(await listBackups(backupsDirectory)).toHaveLength(1);
  expect(await listBackups(join(backupsDirectory, 'none'))).toEqual([]);
});
