import type { AttemptFact, LedgerBatch } from '@proxycast/spec';

export interface LedgerWriterParts {
  readonly createBatch: () => LedgerBatch;
  readonly costMicroUsd: (fact: AttemptFact) => number | undefined;
  readonly newId: () => string;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  /** Calls back once after a delay; answers how to take it back. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface LedgerWriter {
  /** Reads the fact and returns at once; nothing of it is kept. */
  push(fact: AttemptFact): void;
  /** Writes what is waiting. */
  flush(): Promise<void>;
  /** Facts waiting to be written, and facts lost because the database took none for too long. */
  stats(): { readonly waiting: number; readonly lost: number };
}

const FLUSH_DELAY_MS = 500;
/** Under load a batch goes sooner. One transaction of this size takes the writer some 4 ms; smaller ones cost more a row. */
const BATCH_ENTRIES = 1024;
/** At some 300 bytes an entry this is 15 MB: minutes of heavy traffic while a disk is full. */
const MAX_WAITING_ENTRIES = 50_000;
const FIRST_RETRY_DELAY_MS = 1_000;
const MAX_RETRY_DELAY_MS = 30_000;

/**
 * Gathers facts and writes them in batches, off the path of any request. A batch that fails is kept and tried again. A
 * fact goes into its batch at once: objects kept until the batch is full live through a collection and make it dearer.
 */
export function createLedgerWriter(parts: LedgerWriterParts): LedgerWriter {
  let open = parts.createBatch();
  /** To be written, oldest first; the first of them may be on its way. */
  const closed: LedgerBatch[] = [];
  let waiting = 0;
  let lost = 0;
  let failures = 0;
  let unschedule: (() => void) | undefined;
  let writing: Promise<void> | undefined;

  const closeOpen = (): void => {
    if (open.size === 0) return;
    closed.push(open);
    open = parts.createBatch();
  };

  const cancelFlush = (): void => {
    unschedule?.();
    unschedule = undefined;
  };

  const scheduleFlush = (delayMs: number): void => {
    unschedule ??= parts.schedule(() => {
      unschedule = undefined;
      closeOpen();
      writeSoon();
    }, delayMs);
  };

  const writeSoon = (): void => {
    // A failure has been logged, and its batch is scheduled again.
    writeClosed().catch(() => undefined);
  };

  const writeClosed = (): Promise<void> => {
    writing ??= writeInOrder().finally(() => {
      writing = undefined;
      // Closed between the last look and now.
      if (closed.length > 0 && failures === 0) writeSoon();
    });
    return writing;
  };

  const writeInOrder = async (): Promise<void> => {
    for (let batch = closed[0]; batch !== undefined; batch = closed[0]) {
      try {
        await batch.write();
      } catch (cause) {
        failures++;
        parts.warn({ err: cause, waiting, failures }, 'ledger batch was not written; it is kept');
        cancelFlush();
        scheduleFlush(Math.min(FIRST_RETRY_DELAY_MS * 2 ** (failures - 1), MAX_RETRY_DELAY_MS));
        throw cause;
      }
      closed.shift();
      waiting -= batch.size;
      failures = 0;
    }
  };

  return {
    push(fact) {
      if (waiting >= MAX_WAITING_ENTRIES) {
        lost++;
        if (lost === 1)
          parts.warn(
            { limit: MAX_WAITING_ENTRIES },
            'ledger queue is full; facts are lost until the database takes them',
          );
        return;
      }
      open.add(fact, parts.newId(), parts.costMicroUsd(fact));
      waiting++;
      if (open.size < BATCH_ENTRIES) {
        scheduleFlush(FLUSH_DELAY_MS);
        return;
      }
      closeOpen();
      if (failures === 0) writeSoon();
    },
    async flush() {
      cancelFlush();
      closeOpen();
      while (closed.length > 0) await writeClosed();
    },
    stats: () => ({ waiting, lost }),
  };
}
