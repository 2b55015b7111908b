import { ProxyCastError } from './proxycast-error.ts';

/**
 * The database cannot do its work: corrupt, full, locked, unreachable, from a newer version, or encrypted
 * with another master key. The message names the file or address and the way out.
 */
export class StorageError extends ProxyCastError {
  constructor(details: {
    readonly code:
      | 'storage_corrupt'
      | 'storage_full'
      | 'storage_locked'
      | 'storage_unreachable'
      | 'storage_newer'
      | 'storage_read_only'
      | 'master_key_wrong'
      | 'storage_failed';
    readonly message: string;
    readonly cause?: unknown;
  }) {
    super({ ...details, kind: 'unavailable', fault: 'gateway' });
  }
}
