import { ProxyCastError } from './proxycast-error.ts';

/**
 * A backup that cannot be put in place of the database, which stays as it is. The message names the file and the way
 * out.
 */
export class BackupError extends ProxyCastError {
  constructor(details: {
    readonly code:
      | 'backup_missing'
      | 'backup_damaged'
      /** A later version of ProxyCast wrote it. */
      | 'backup_newer'
      /** Encrypted with a master key that is not the one in force. */
      | 'backup_other_master_key'
      /** The database is one whose backups another program puts back. */
      | 'restore_unsupported'
      | 'restore_running';
    readonly message: string;
    readonly cause?: unknown;
  }) {
    super({ ...details, kind: details.code === 'backup_missing' ? 'not-found' : 'conflict', fault: 'client' });
  }
}
