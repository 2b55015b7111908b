import type { AttemptFact, LedgerEntry } from '@proxycast/spec';

export interface LedgerWriterParts {
  /** Writes a batch; may be called again with the same entries after it failed. */
  readonly append: (entries: readonly LedgerEntry[]) => Promise<void>;
  readonly costMicroUsd: (fact: AttemptFact) => number | undefined;
  readonly newId: () => string;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  /** Calls back once after a delay; answers how to take it back. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface LedgerWriter {
  /** Takes a fact, which is the writer's from then on, and returns at once. */
  push(fact: AttemptFact): void;
  /** Writes what is waiting. */
  flush(): Promise<void>;
  /** Facts waiting to be written, and facts lost because the database took none for too long. */
  stats(): { readonly waiting: number; readonly lost: number };
}

const FLUSH_DELAY_MS = 500;
/** Under load a batch goes sooner: facts that are kept half a second live through a collection and make the next dearer. */
const FLUSH_AT_ENTRIES = 256;
/** One transaction of this size takes the writer some 3 ms. */
const BATCH_ENTRIES = 500;
/** At some 400 bytes an entry this is 20 MB: minutes of heavy traffic while a disk is full. */
const MAX_WAITING_ENTRIES = 50_000;
const FIRST_RETRY_DELAY_MS = 1_000;
const MAX_RETRY_DELAY_MS = 30_000;

/** Gathers facts and writes them in batches, off the path of any request. A batch that fails is kept and tried again. */
export function createLedgerWriter(parts: LedgerWriterParts): LedgerWriter {
  let waiting: AttemptFact[] = [];
  let unwritten: readonly LedgerEntry[] = [];
  let lost = 0;
  let failures = 0;
  let unschedule: (() => void) | undefined;
  let writing: Promise<void> | undefined;

  const scheduleFlush = (delayMs: number): void => {
    unschedule ??= parts.schedule(() => {
      unschedule = undefined;
      flushSoon();
    }, delayMs);
  };

  const flushSoon = (): void => {
    // A failure has been logged, and its batch is scheduled again.
    flush().catch(() => undefined);
  };

  const takeBatch = (): readonly LedgerEntry[] => {
    if (unwritten.length > 0) return unwritten;
    const batch = waiting.slice(0, BATCH_ENTRIES);
    waiting = waiting.slice(batch.length);
    return batch.map((fact) => {
      const costMicroUsd = parts.costMicroUsd(fact);
      const entry = Object.assign(fact, { id: parts.newId() });
      return costMicroUsd === undefined ? entry : Object.assign(entry, { costMicroUsd });
    });
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0 || unwritten.length > 0) {
      const batch = takeBatch();
      try {
        await parts.append(batch);
        unwritten = [];
        failures = 0;
      } catch (cause) {
        unwritten = batch;
        failures++;
        parts.warn(
          { err: cause, waiting: waiting.length + batch.length, failures },
          'ledger batch was not written; it is kept',
        );
        scheduleFlush(Math.min(FIRST_RETRY_DELAY_MS * 2 ** (failures - 1), MAX_RETRY_DELAY_MS));
        throw cause;
      }
    }
  };

  const flush = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  };

  return {
    push(fact) {
      if (waiting.length >= MAX_WAITING_ENTRIES) {
        lost++;
        if (lost === 1)
          parts.warn(
            { limit: MAX_WAITING_ENTRIES },
            'ledger queue is full; facts are lost until the database takes them',
          );
        return;
      }
      waiting.push(fact);
      if (waiting.length === FLUSH_AT_ENTRIES && failures === 0 && writing === undefined) flushSoon();
      else scheduleFlush(FLUSH_DELAY_MS);
    },
    async flush() {
      unschedule?.();
      unschedule = undefined;
      await flush();
    },
    stats: () => ({ waiting: waiting.length + unwritten.length, lost }),
  };
}
