import type { EpochMs } from '@proxycast/spec';
import type { BackupFile } from '@proxycast/storage';
import { type DoctorCheck, ok, warning } from './doctor-check.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** One day's backup may be missed while the machine sleeps. */
const OLD_AFTER_MS = 2 * DAY_MS;
/** Clocks of a laptop and of what it talks to differ by less. */
const MAX_CLOCK_STEP_MS = 5 * 60 * 1000;

/** How old the newest backup is, and whether it comes from the future: then the clock has gone back. */
export function checkBackups(backups: readonly BackupFile[], now: EpochMs): readonly DoctorCheck[] {
  const newest = backups[0];
  if (newest === undefined) return [warning('backup', 'backup_none')];
  if (newest.writtenAt > now + MAX_CLOCK_STEP_MS) {
    return [
      warning('clock', 'clock_back', {
        now: new Date(now).toISOString(),
        written: new Date(newest.writtenAt).toISOString(),
      }),
    ];
  }
  const days = Math.floor((now - newest.writtenAt) / DAY_MS);
  if (now - newest.writtenAt > OLD_AFTER_MS) return [warning('backup', 'backup_old', { days, path: newest.path })];
  return [ok('backup', 'backup_ok', { path: newest.path })];
}
