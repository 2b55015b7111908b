import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type EpochMs, StorageError } from '@proxycast/spec';
import { migrateUp, readSchemaState } from '../migrate.ts';
import { createMigrations } from '../migrations/migrations.ts';
import { openSqlite } from '../sqlite/open-sqlite.ts';
import { type BackupCheckParts, type CheckedBackup, checkBackup } from './check-backup.ts';

export interface IncomingParts extends Omit<BackupCheckParts, 'workDirectory'> {
  /** Of the database whose place will be taken. */
  readonly database: string;
  readonly backupsDirectory: string;
  readonly now: () => EpochMs;
}

/**
 * Makes a database ready beside the one in place: a copy of the backup, checked, brought to the schema of this version
 * and on the disk. What is in place is not touched. Throws BackupError or StorageError and leaves nothing behind.
 */
export async function prepareIncoming(parts: IncomingParts): Promise<CheckedBackup> {
  const { path, database, backupsDirectory, workerUrl, now } = parts;
  const checked = await checkBackup({ ...parts, workDirectory: backupsDirectory });
  const incoming = incomingPath(database);
  try {
    await removeIncoming(database);
    await copyFile(path, incoming);
    const engine = await openSqlite({ path: incoming, workerUrl, backupsDirectory });
    try {
      const migrations = createMigrations('sqlite');
      // The backup itself is the copy from before the change.
      const copied = { ...engine, backup: async () => ({ type: 'file', path }) as const };
      await migrateUp(copied, migrations, await readSchemaState(engine, migrations), now);
    } finally {
      await engine.close();
    }
    await syncFile(incoming);
    return checked;
  } catch (cause) {
    // The first fault is the one to tell.
    await removeIncoming(database).catch(() => undefined);
    throw new StorageError({
      code: cause instanceof StorageError && cause.code === 'storage_full' ? 'storage_full' : 'storage_failed',
      message: `The backup ${path} could not be made ready beside ${database}, which was left as it is. Check that there is room and that the user that runs ProxyCast may write there.`,
      cause,
    });
  }
}

/**
 * Puts the database that was made ready in place; nobody may have the old one open. From the first step on it goes
 * forward only: a process that ends in the middle is finished by `finishRestore` at the next start, so there is always
 * the old database or the new one, whole. Throws StorageError.
 */
export async function placeIncoming(database: string): Promise<void> {
  try {
    await rename(incomingPath(database), decidedPath(database));
    await syncFolder(database);
    await finishRestore(database);
  } catch (cause) {
    throw new StorageError({
      code: 'storage_failed',
      message: `The backup could not be put in place of ${database}. Check that there is room and that the user that runs ProxyCast may write there, then start ProxyCast: it finishes what was begun.`,
      cause,
    });
  }
}

/** Ends a restore that was cut off, and removes what one left that never got so far. Answers whether one was ended. */
export async function finishRestore(database: string): Promise<boolean> {
  const isDecided = await isRestoreUnfinished(database);
  if (isDecided) {
    // The log first: one left beside another database would be played into it.
    for (const suffix of ['-wal', '-shm']) await rm(database + suffix, { force: true });
    await rename(decidedPath(database), database);
    await syncFolder(database);
  }
  await removeIncoming(database);
  return isDecided;
}

/** Whether a restore was cut off after it was decided: the next start puts the new database in place. */
export function isRestoreUnfinished(database: string): Promise<boolean> {
  return stat(decidedPath(database)).then(
    () => true,
    () => false,
  );
}

const incomingPath = (database: string): string => `${database}.incoming`;
/** Its being there is the decision: rename makes it appear at once and whole. */
const decidedPath = (database: string): string => `${database}.restored`;

async function removeIncoming(database: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(incomingPath(database) + suffix, { force: true });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.chmod(0o600);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the new name outlives a power cut; Windows keeps names safe by itself and opens no folders. */
async function syncFolder(database: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(database), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
