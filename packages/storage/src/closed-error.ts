import { StorageError } from '@proxycast/spec';

/** For a call that came after `close`. */
export function createClosedError(label: string): StorageError {
  return new StorageError({
    code: 'storage_failed',
    message: `The database ${label} is closed: ProxyCast is stopping.`,
  });
}
