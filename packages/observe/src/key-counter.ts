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
  const sums = new Map<CredentialId, KeyCount>();
  let unschedule: (() => void) | undefined;

  const add = (count: KeyCount): void => {
    const known = sums.get(count.id);
    sums.set(count.id, {
      id: count.id,
      used: (known?.used ?? 0) + count.used,
      errors: (known?.errors ?? 0) + count.errors,
      lastUsedAt: Math.max(known?.lastUsedAt ?? 0, count.lastUsedAt),
    });
  };

  const flush = async (): Promise<void> => {
    unschedule?.();
    unschedule = undefined;
    if (sums.size === 0) return;
    const counts = [...sums.values()];
    sums.clear();
    try {
      await addCounts(counts);
    } catch (cause) {
      // Put back: the sums stay as few as there are keys, however long the database is away.
      for (const count of counts) add(count);
      warn({ err: cause }, 'key counters were not written; they are kept');
    }
  };

  return {
    record({ credentialId, outcome, fault, startedAt }) {
      if (credentialId === undefined) return;
      const isError = (outcome === 'refused' || outcome === 'failed') && fault === 'upstream';
      add({ id: credentialId, used: 1, errors: isError ? 1 : 0, lastUsedAt: startedAt });
      unschedule ??= schedule(() => void flush(), FLUSH_DELAY_MS);
    },
    flush,
  };
}
