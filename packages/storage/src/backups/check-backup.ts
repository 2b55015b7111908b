import { copyFile, lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError, StorageError } from '@proxycast/spec';
import { sql } from 'kysely';
import { readSchemaState } from '../migrate.ts';
import { createMigrations } from '../migrations/migrations.ts';
import { parseMasterKey } from '../secrets/master-key.ts';
import { checkMasterKey } from '../secrets/master-key-check.ts';
import { openSqlite } from '../sqlite/open-sqlite.ts';

export interface BackupCheckParts {
  readonly path: string;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
  /** A folder in which a copy may stand while it is looked at: SQLite writes beside what it opens. */
  readonly workDirectory: string;
  readonly workerUrl: URL;
}

export interface CheckedBackup {
  /** Name of the last migration; absent in a database nobody has used yet. */
  readonly schema?: string;
  readonly bytes: number;
}

/** Copies of checks in one process, which may run at the same time. */
let copies = 0;

/**
 * Opens a copy of a backup, reads it through and tries the master key on it. Throws BackupError, and StorageError where
 * the copy cannot be made, with the way out; the backup stays as it is.
 */
export async function checkBackup({
  path,
  masterKey,
  workDirectory,
  workerUrl,
}: BackupCheckParts): Promise<CheckedBackup> {
  const bytes = await sizeOf(path);
  if (bytes === 0) {
    throw new BackupError({ code: 'backup_damaged', message: `The backup ${path} is empty. Choose an older one.` });
  }
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const copy = join(workDirectory, `.check-${process.pid}-${++copies}.db`);
  const removeCopy = async (): Promise<void> => {
    for (const suffix of ['', '-wal', '-shm']) await rm(copy + suffix, { force: true });
  };
  try {
    await copyFile(path, copy);
    const engine = await openSqlite({ path: copy, workerUrl, backupsDirectory: workDirectory });
    try {
      const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check(1)`.execute(engine.db);
      const finding = rows[0]?.integrity_check;
      if (finding !== 'ok') throw damaged(path, finding ?? 'nothing was answered');
      const ours = await sql`select 1 from sqlite_schema where name = 'kysely_migration'`.execute(engine.db);
      if (ours.rows.length === 0) throw damaged(path, 'it holds no tables of this ProxyCast');
      const { applied } = await readSchemaState(engine, createMigrations('sqlite'));
      if (applied.length === 0) throw damaged(path, 'it holds no tables of this ProxyCast');
      await checkMasterKey(engine.db, parseMasterKey(masterKey), path);
      const schema = applied.at(-1);
      return { bytes, ...(schema === undefined ? {} : { schema }) };
    } finally {
      await engine.close();
    }
  } catch (error) {
    throw asFaultOfBackup(error, path);
  } finally {
    await removeCopy();
  }
}

/** A file of its own: a link in the folder of backups could lead out of it. */
async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isFile() === true) return stats.size;
  throw new BackupError({
    code: 'backup_missing',
    message: `There is no backup ${path}. "proxycast backup --list" names those there are.`,
  });
}

/** What opening the copy found, told of the backup: the copy's name and the way back of a database help nobody. */
function asFaultOfBackup(error: unknown, path: string): unknown {
  if (error instanceof BackupError) return error;
  const code = error instanceof StorageError ? error.code : undefined;
  switch (code) {
    case 'storage_newer':
      return new BackupError({
        code: 'backup_newer',
        message: `The backup ${path} was written by a newer ProxyCast. Nothing was changed. Choose an older backup, or install the newer ProxyCast and restore it there.`,
        cause: error,
      });
    case 'master_key_wrong':
      return new BackupError({
        code: 'backup_other_master_key',
        message: `The secrets in the backup ${path} are encrypted with another master key. Nothing was changed. Start ProxyCast with the key that was in use then (PROXYCAST_MASTER_KEY, or secret.key in the home folder), or choose another backup.`,
        cause: error,
      });
    case 'storage_corrupt':
      return damaged(path, 'it cannot be read as a database', error);
    default:
      return new StorageError({
        code: 'storage_failed',
        message: `The backup ${path} could not be looked at. Nothing was changed. Check that there is room beside it and that the user that runs ProxyCast may read it.`,
        cause: error,
      });
  }
}

function damaged(path: string, finding: string, cause?: unknown): BackupError {
  return new BackupError({
    code: 'backup_damaged',
    message: `The backup ${path} is damaged (${finding}). Nothing was changed. Choose an older one.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
