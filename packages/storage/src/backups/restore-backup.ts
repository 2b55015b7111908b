import { copyFile, mkdir, open, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EpochMs, StorageError } from '@proxycast/spec';
import { renderBackupStem } from './backup-name.ts';
import { type BackupCheckParts, type CheckedBackup, checkBackup } from './check-backup.ts';

export interface RestoreParts extends Omit<BackupCheckParts, 'workDirectory'> {
  readonly database: string;
  readonly backupsDirectory: string;
  readonly now: () => EpochMs;
}

export interface RestoreReport extends CheckedBackup {
  /** Where the database is that was in place before; absent where there was none. */
  readonly movedTo?: string;
}

/**
 * Puts a backup in place of the database, which nobody may have open. What was there, its log included, is moved to the
 * backups folder. Throws StorageError before anything is replaced when the backup is no good.
 */
export async function restoreBackup(parts: RestoreParts): Promise<RestoreReport> {
  const { path, database, backupsDirectory, now } = parts;
  const checked = await checkBackup({ ...parts, workDirectory: backupsDirectory });
  const incoming = `${database}.incoming`;
  try {
    await copyFile(path, incoming);
    const file = await open(incoming, 'r+');
    try {
      await file.chmod(0o600);
      await file.sync();
    } finally {
      await file.close();
    }
    const movedTo = await moveAway(database, backupsDirectory, now());
    await rename(incoming, database);
    return { ...checked, ...(movedTo === undefined ? {} : { movedTo }) };
  } catch (cause) {
    throw new StorageError({
      code: 'storage_failed',
      message: `The backup could not be put in place of ${database}. Check that there is room and that the user that runs ProxyCast may write there.`,
      cause,
    });
  }
}

/** The log first: a log left beside another database would be played into it. */
async function moveAway(database: string, backupsDirectory: string, now: EpochMs): Promise<string | undefined> {
  const isThere = await stat(database).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  await mkdir(backupsDirectory, { recursive: true, mode: 0o700 });
  const place = join(backupsDirectory, `replaced-${renderBackupStem(now, '0000')}-${basename(database)}`);
  for (const suffix of ['-wal', '-shm', '']) {
    await rename(database + suffix, place + suffix).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  return place;
}
