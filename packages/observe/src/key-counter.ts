import type { AttemptFact, CredentialId, EpochMs } from '@proxycast/spec';

export interface KeyCount {
  readonly id: CredentialId;
  readonly used: number;
  readonly errors: number;
  readonly lastUsedAt: EpochMs;
}

export interface KeyCounterParts {
  readonly addCounts: (counts: readonly KeyCount[]) => Promise<void>;
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
}

export interface KeyCounter {
  record(fact: AttemptFact): void;
  flush(): Promise<void>;
}

const FLUSH_DELAY_MS = 5_000;

/** Sums how often each key was used and refused, and writes the sums now and then. */
export function createKeyCounter({ addCounts, warn, schedule }: KeyCounterParts): KeyCounter {
  const sums = new Map<CredentialId, { used: number; errors: number; lastUsedAt: EpochMs }>();
  let unschedule: (() => void) | undefined;

  const add = (id: CredentialId, used: number, errors: number, lastUsedAt: EpochMs): void => {
    const sum = sums.get(id);
    if (sum === undefined) {
      sums.set(id, { used, errors, lastUsedAt });
      return;
    }
    sum.used += used;
    sum.errors += errors;
    sum.lastUsedAt = Math.max(sum.lastUsedAt, lastUsedAt);
  };

  const flush = async (): Promise<void> => {
    unschedule?.();
    unschedule = undefined;
    if (sums.size === 0) return;
    const counts = [...sums].map(([id, sum]): KeyCount => ({ id, ...sum }));
    sums.clear();
    try {
      await addCounts(counts);
    } catch (cause) {
      // Put back: the sums stay as few as there are keys, however long the database is away.
      for (const { id, used, errors, lastUsedAt } of counts) add(id, used, errors, lastUsedAt);
      warn({ err: cause }, 'key counters were not written; they are kept');
    }
  };

  return {
    record({ credentialId, outcome, fault, startedAt }) {
      if (credentialId === undefined) return;
      const isError = (outcome === 'refused' || outcome === 'failed') && fault === 'upstream';
      add(credentialId, 1, isError ? 1 : 0, startedAt);
      unschedule ??= schedule(() => void flush(), FLUSH_DELAY_MS);
    },
    flush,
  };
}
