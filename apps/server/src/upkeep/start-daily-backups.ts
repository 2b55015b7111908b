import type { EpochMs } from '@proxycast/spec';
import type { BackupFile, BackupOutcome, CheckedBackup } from '@proxycast/storage';

export interface DailyBackupParts {
  readonly backup: () => Promise<BackupOutcome>;
  /** Opens what was written; rejects when it is no good. */
  readonly check: (path: string) => Promise<CheckedBackup>;
  readonly list: () => Promise<readonly BackupFile[]>;
  readonly prune: () => Promise<readonly string[]>;
  readonly now: () => EpochMs;
  readonly log: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A laptop sleeps through any fixed hour; looking each hour finds the first one it is awake. */
const LOOK_EVERY_MS = 60 * 60 * 1000;
/** Not at the start itself: the first answer comes before housekeeping. */
const FIRST_AFTER_MS = 2 * 60 * 1000;

/** A backup a day, opened to check it, and the old ones removed. Answers how to stop. */
export function startDailyBackups(parts: DailyBackupParts): () => void {
  const look = (): void => {
    backUpWhenDue(parts).catch((cause: unknown) =>
      parts.log.warn({ err: cause }, 'the daily backup failed; it is tried again in an hour'),
    );
  };
  const first = setTimeout(look, FIRST_AFTER_MS);
  const timer = setInterval(look, LOOK_EVERY_MS);
  first.unref();
  timer.unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}

/** Answers whether one was written. */
export async function backUpWhenDue({ backup, check, list, prune, now, log }: DailyBackupParts): Promise<boolean> {
  const [newest] = await list();
  // One from the future tells of a clock that went back; it does not stand for today's.
  const ageMs = newest === undefined ? Number.POSITIVE_INFINITY : now() - newest.writtenAt;
  if (ageMs >= 0 && ageMs < DAY_MS) return false;
  const outcome = await backup();
  if (outcome.type === 'unavailable') {
    log.warn({ reason: outcome.reason }, 'no backup can be written');
    return false;
  }
  const { bytes } = await check(outcome.path);
  const removed = await prune();
  log.info({ path: outcome.path, bytes, removed: removed.length }, 'backup written');
  return true;
}
