import { BackupError, type EpochMs } from '@proxycast/spec';
import type { Engine } from '../engine.ts';
import type { StorageLocation } from '../open-engine.ts';
import { renderBackupStem } from './backup-name.ts';
import { placeIncoming, prepareIncoming } from './incoming-database.ts';
import type { RestoreReport } from './restore-backup.ts';

export interface CreateRestoreParts {
  readonly location: StorageLocation;
  readonly engine: Pick<Engine, 'replaceFile'>;
  readonly backupsDirectory: string;
  readonly now: () => EpochMs;
  /** Name of the last migration of this version. */
  readonly schema: string;
}

/** Restoring under a storage that is open; one at a time. */
export function createRestore(
  parts: CreateRestoreParts,
): (path: string, masterKey: Uint8Array) => Promise<RestoreReport> {
  const { location, engine, backupsDirectory, now, schema } = parts;
  const { replaceFile } = engine;
  let isRunning = false;
  return async (path, masterKey) => {
    if (location.type !== 'sqlite' || replaceFile === undefined) throw restoreUnsupported(path);
    if (isRunning) {
      throw new BackupError({
        code: 'restore_running',
        message: 'A backup is being restored already. Wait until it is done.',
      });
    }
    isRunning = true;
    try {
      const { path: database, workerUrl } = location;
      const checked = await prepareIncoming({ path, masterKey, database, workerUrl, backupsDirectory, now });
      const kept = await replaceFile(renderBackupStem(now(), schema), () => placeIncoming(database));
      return { ...checked, ...(kept.type === 'file' ? { kept: kept.path } : {}) };
    } finally {
      isRunning = false;
    }
  };
}

/** What to do on PostgreSQL, where only its own programs replace a database that several nodes have open. */
export function restoreUnsupported(path: string): BackupError {
  return new BackupError({
    code: 'restore_unsupported',
    message: `A backup of PostgreSQL is put back with its own program. Stop every node, then: pg_restore --clean --if-exists --dbname "$PROXYCAST_DATABASE_URL" ${path}`,
  });
}
