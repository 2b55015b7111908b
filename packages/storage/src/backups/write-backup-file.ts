import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '@proxycast/spec';

/**
 * Lets `write` fill a file beside the final one, then puts it in place: a backup with its proper name is whole
 * and on the disk. Answers its path. Throws StorageError; what was there before stays.
 */
export async function writeBackupFile(
  directory: string,
  name: string,
  write: (path: string) => Promise<void>,
): Promise<string> {
  const path = join(directory, name);
  const partial = `${path}.partial`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await rm(partial, { force: true });
    await write(partial);
    await chmod(partial, 0o600);
    const file = await open(partial, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    // The first fault is the one to tell.
    await rm(partial, { force: true }).catch(() => {});
    throw new StorageError({
      code: error instanceof StorageError && error.code === 'storage_full' ? 'storage_full' : 'storage_failed',
      message: `The backup ${path} could not be written; nothing else was changed. Check that there is room and that the user that runs ProxyCast may write there.`,
      cause: error,
    });
  }
  return path;
}
