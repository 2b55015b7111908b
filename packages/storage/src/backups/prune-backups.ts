import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochMs } from '@proxycast/spec';
import { isBackupName, isReplacedName, parseBackupTime } from './backup-name.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface BackupFile {
  readonly name: string;
  readonly path: string;
  readonly writtenAt: EpochMs;
}

/** Whole backups, the newest first; none when there is no such folder. */
export async function listBackups(directory: string): Promise<readonly BackupFile[]> {
  return (await readNames(directory))
    .filter(isBackupName)
    .sort()
    .reverse()
    .map((name) => ({ name, path: join(directory, name), writtenAt: parseBackupTime(name) }));
}

/**
 * Removes backups older than that many days, but never the newest one, and by the same rule what restores took out of
 * its place. Answers the names of what is gone.
 */
export async function pruneBackups(directory: string, days: number, now: EpochMs): Promise<readonly string[]> {
  const [, ...older] = await listBackups(directory);
  const replaced = (await readNames(directory)).filter(isReplacedName).sort().reverse();
  // A replaced database and its log have one stem.
  const [newest] = replaced.map(parseBackupTime);
  const gone = [
    ...older.map(({ name }) => name),
    ...replaced.filter((name) => parseBackupTime(name) !== newest),
  ].filter((name) => parseBackupTime(name) < now - days * DAY_MS);
  for (const name of gone) await rm(join(directory, name), { force: true });
  return gone;
}

function readNames(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
