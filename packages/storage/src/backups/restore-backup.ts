import { copyFile, link, mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EpochMs, StorageError } from '@proxycast/spec';
import { renderReplacedStem } from './backup-name.ts';
import type { CheckedBackup } from './check-backup.ts';
import { finishRestore, type IncomingParts, placeIncoming, prepareIncoming } from './incoming-database.ts';

export interface RestoreReport extends CheckedBackup {
  /** Where what was in place before is kept; absent where there was none. */
  readonly kept?: string;
}

/**
 * Puts a backup in place of the database, which nobody may have open. What was there, its log included, is kept in the
 * backups folder byte for byte, since it may be damaged. Throws BackupError or StorageError before anything is replaced
 * when the backup is no good.
 */
export async function restoreBackup(parts: IncomingParts): Promise<RestoreReport> {
  const { database, backupsDirectory, now } = parts;
  await finishRestore(database);
  const checked = await prepareIncoming(parts);
  const kept = await keepReplaced(database, backupsDirectory, now());
  await placeIncoming(database);
  return { ...checked, ...(kept === undefined ? {} : { kept }) };
}

async function keepReplaced(database: string, backupsDirectory: string, now: EpochMs): Promise<string | undefined> {
  if (!(await isThere(database))) return undefined;
  try {
    await mkdir(backupsDirectory, { recursive: true, mode: 0o700 });
    const place = join(backupsDirectory, `${renderReplacedStem(now)}-${basename(database)}`);
    // The index beside the log is made from it.
    for (const suffix of ['', '-wal'])
      if (await isThere(database + suffix)) await keep(database + suffix, place + suffix);
    return place;
  } catch (cause) {
    throw new StorageError({
      code: 'storage_failed',
      message: `The database ${database} could not be kept in ${backupsDirectory}, so it was not replaced. Check that there is room and that the user that runs ProxyCast may write there.`,
      cause,
    });
  }
}

/** A second name costs no room; some file systems have none. */
async function keep(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
