import { StorageError } from '@proxycast/spec';
import { ConstraintError } from '../constraint-error.ts';
import type { SqliteFault } from './sqlite-messages.ts';
import {
  primaryResultCode,
  SQLITE_CONSTRAINT_FOREIGN_KEY,
  SQLITE_CONSTRAINT_PRIMARY_KEY,
  SQLITE_CONSTRAINT_UNIQUE,
  SQLITE_RESULT,
} from './sqlite-result-code.ts';

export interface SqliteFaultPlace {
  readonly path: string;
  readonly backupsDirectory: string;
  /** Called only when the file is damaged. */
  readonly findNewestBackup: () => Promise<string | undefined>;
}

/** What went wrong and what to do, in words for the person who runs the server. */
export async function explainSqliteFault(
  fault: SqliteFault,
  place: SqliteFaultPlace,
): Promise<StorageError | ConstraintError> {
  const { path } = place;
  const cause = new Error(`SQLite result ${fault.resultCode}: ${fault.message}`);
  switch (primaryResultCode(fault.resultCode)) {
    case SQLITE_RESULT.constraint:
      return new ConstraintError(constraintOf(fault.resultCode), cause);
    case SQLITE_RESULT.corrupt:
    case SQLITE_RESULT.notADatabase:
      return new StorageError({
        code: 'storage_corrupt',
        message: `The database ${path} is damaged or is no SQLite database (${fault.message}). It was left as it is. ${await wayBack(place)}`,
        cause,
      });
    case SQLITE_RESULT.full:
      return new StorageError({
        code: 'storage_full',
        message: `The disk of ${path} is full, and the last change was not written. What was stored before is safe. Free some space there; no restart is needed.`,
        cause,
      });
    case SQLITE_RESULT.busy:
    case SQLITE_RESULT.locked:
      return new StorageError({
        code: 'storage_locked',
        message: `Another process holds the database ${path} locked. Close the program that has it open (a second ProxyCast, a database browser) and try again.`,
        cause,
      });
    case SQLITE_RESULT.readOnly:
      return new StorageError({
        code: 'storage_read_only',
        message: `The database ${path} cannot be written. Give the user that runs ProxyCast write access to the file and to its folder, and check that the disk is not mounted read-only.`,
        cause,
      });
    case SQLITE_RESULT.cannotOpen:
      return new StorageError({
        code: 'storage_failed',
        message: `The database ${path} cannot be opened. Check that its folder exists and that the user that runs ProxyCast may read and write there.`,
        cause,
      });
    case SQLITE_RESULT.ioError:
      return new StorageError({
        code: 'storage_failed',
        message: `The disk of ${path} failed to read or write. Check the disk and the system's log, then start ProxyCast again.`,
        cause,
      });
    default:
      return new StorageError({
        code: 'storage_failed',
        message: `The database ${path} refused a statement. This is a fault of ProxyCast: please report it with the cause in the log.`,
        cause,
      });
  }
}

export async function wayBack({ path, backupsDirectory, findNewestBackup }: SqliteFaultPlace): Promise<string> {
  const backup = await findNewestBackup();
  if (backup === undefined) {
    return `There is no backup in ${backupsDirectory}. Restore the file from a backup of your own, or move ${path}, ${path}-wal and ${path}-shm away to start with an empty database.`;
  }
  return `The way back, while ProxyCast is stopped: proxycast restore ${backup} (the newest backup; the database as it is now is kept). What was stored after that backup is not in it.`;
}

function constraintOf(resultCode: number): ConstraintError['constraint'] {
  switch (resultCode) {
    case SQLITE_CONSTRAINT_PRIMARY_KEY:
    case SQLITE_CONSTRAINT_UNIQUE:
      return 'unique';
    case SQLITE_CONSTRAINT_FOREIGN_KEY:
      return 'foreign-key';
    default:
      return 'other';
  }
}
