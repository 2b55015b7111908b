import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isBackupName } from './backup-name.ts';

/** The newest backup with that suffix (`.db`, `.dump`), or `undefined` when there is none or no such folder. */
export async function findNewestBackup(directory: string, suffix: string): Promise<string | undefined> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch {
    // No folder, no backups; this runs while another fault is being told.
    return undefined;
  }
  const newest = names
    .filter((name) => isBackupName(name) && name.endsWith(suffix))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : join(directory, newest);
}
