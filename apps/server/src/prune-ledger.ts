import type { EpochMs } from '@proxycast/spec';

export interface PruneLedgerParts {
  readonly deleteOlderThan: (time: EpochMs) => Promise<number>;
  readonly retentionDays: () => number;
  readonly now: () => EpochMs;
  readonly log: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;
const PERIOD_MS = 6 * 60 * 60 * 1000;
/** Not at the start itself: the first answer comes before housekeeping. */
const FIRST_AFTER_MS = 60 * 1000;

/** Takes rows out of the ledger that are older than the setting says, four times a day. Answers how to stop it. */
export function startPruningLedger({ deleteOlderThan, retentionDays, now, log }: PruneLedgerParts): () => void {
  const prune = (): void => {
    deleteOlderThan(now() - retentionDays() * DAY_MS).then(
      (deleted) => {
        if (deleted > 0) log.info({ deleted }, 'old ledger rows deleted');
      },
      (cause: unknown) => log.warn({ err: cause }, 'old ledger rows were not deleted; tried again later'),
    );
  };
  const first = setTimeout(prune, FIRST_AFTER_MS);
  const timer = setInterval(prune, PERIOD_MS);
  first.unref();
  timer.unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
