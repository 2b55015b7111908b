import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochMs } from '@proxycast/spec';
import { isBackupName } from './backup-name.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface BackupFile {
  readonly name: string;
  readonly path: string;
  readonly writtenAt: EpochMs;
}

/** Whole backups, the newest first; none when there is no such folder. */
export async function listBackups(directory: string): Promise<readonly BackupFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter(isBackupName)
    .sort()
    .reverse()
    .map((name) => ({ name, path: join(directory, name), writtenAt: writtenAt(name) }));
}

/** Removes backups older than that many days, but never the newest one. Answers the names of what is gone. */
export async function pruneBackups(directory: string, days: number, now: EpochMs): Promise<readonly string[]> {
  const [, ...older] = await listBackups(directory);
  const gone = older.filter((backup) => backup.writtenAt < now - days * DAY_MS);
  for (const { path } of gone) await rm(path, { force: true });
  return gone.map(({ name }) => name);
}

/** From `proxycast-20261124T020501123Z-…`. */
function writtenAt(name: string): EpochMs {
  const [, year, month, day, hour, minute, second, ms] =
    /^proxycast-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(name) ?? [];
  return Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(ms),
  );
}
