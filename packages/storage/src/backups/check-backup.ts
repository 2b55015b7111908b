import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '@proxycast/spec';
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

/**
 * Opens a copy of a backup, reads it through and tries the master key on it. Throws StorageError: `backup_missing`,
 * `storage_corrupt`, `storage_newer`, `master_key_wrong` and the like, with the way out; the backup stays as it is.
 */
export async function checkBackup({
  path,
  masterKey,
  workDirectory,
  workerUrl,
}: BackupCheckParts): Promise<CheckedBackup> {
  const bytes = await stat(path).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (bytes === undefined) {
    throw new StorageError({
      code: 'backup_missing',
      message: `There is no file ${path}. Backups are in the folder backups of the home folder.`,
    });
  }
  if (bytes === 0) {
    throw new StorageError({ code: 'storage_corrupt', message: `The backup ${path} is empty. Choose an older one.` });
  }
  await mkdir(workDirectory, { recursive: true, mode: 0o700 });
  const copy = join(workDirectory, `.check-${process.pid}-${Date.now()}.db`);
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
      const { applied } = await readSchemaState(engine, createMigrations('sqlite'));
      if (applied.length === 0) throw damaged(path, 'it holds no tables of ProxyCast');
      await checkMasterKey(engine.db, parseMasterKey(masterKey), path);
      const schema = applied.at(-1);
      return { bytes, ...(schema === undefined ? {} : { schema }) };
    } finally {
      await engine.close();
    }
  } catch (error) {
    // The copy's name helps nobody.
    if (error instanceof StorageError) throw renamed(error, copy, path);
    throw error;
  } finally {
    await removeCopy();
  }
}

function renamed(error: StorageError, copy: string, path: string): StorageError {
  const message = error.message.replaceAll(copy, path);
  switch (error.code) {
    case 'storage_newer':
      return new StorageError({ code: 'storage_newer', message, cause: error });
    case 'master_key_wrong':
      return new StorageError({ code: 'master_key_wrong', message, cause: error });
    case 'storage_corrupt':
      return damaged(path, 'it cannot be read as a database', error);
    default:
      return new StorageError({ code: 'storage_failed', message, cause: error });
  }
}

function damaged(path: string, finding: string, cause?: unknown): StorageError {
  return new StorageError({
    code: 'storage_corrupt',
    message: `The backup ${path} is damaged (${finding}). Choose an older one.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
