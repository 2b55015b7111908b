import type { CredentialId, EpochMs } from '@proxycast/spec';
import type { RefreshCoordinator } from './create-refresh-coordinator.ts';
import type { RefreshOutcome } from './refresh-state.ts';
import { nextRefreshAt } from './refresh-timing.ts';

export interface ScheduledCredential {
  readonly id: CredentialId;
  readonly version: number;
  /** Absent: it has no end that is known, and is never renewed ahead of it. */
  readonly expiresAt?: EpochMs;
}

export interface RefreshScheduleParts {
  readonly refresh: RefreshCoordinator['refresh'];
  readonly now: () => EpochMs;
  readonly random: () => number;
  /** Answers what takes it back. */
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** What came of each; `undefined` where the refresh could not be tried, and why. */
  readonly onSettled: (id: CredentialId, outcome: RefreshOutcome | undefined, error?: unknown) => void;
}

/** Renews credentials before they end. */
export interface RefreshSchedule extends Disposable {
  /** All that are in use; those that are missing are dropped. */
  follow(credentials: readonly ScheduledCredential[]): void;
}

/** A laptop that wakes has all of them due at once. */
const MAX_AT_ONCE = 4;
/** A token that ends as soon as it comes must not be renewed without a pause. */
const MIN_GAP_MS = 30_000;
/** Also bounds what a timer is asked for, and how long a clock that jumped goes unnoticed. */
const MAX_TIMER_MS = 60_000;

interface Entry {
  readonly version: number;
  dueAt: EpochMs;
  isRunning: boolean;
}

export function createRefreshSchedule(parts: RefreshScheduleParts): RefreshSchedule {
  const { refresh, now, random, setTimer, onSettled } = parts;
  const entries = new Map<CredentialId, Entry>();
  const triedAt = new Map<CredentialId, EpochMs>();
  let running = 0;
  let cancelTimer: (() => void) | undefined;
  let isClosed = false;

  function arm(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (isClosed || running >= MAX_AT_ONCE) return;
    let dueAt = Number.POSITIVE_INFINITY;
    for (const entry of entries.values()) if (!entry.isRunning) dueAt = Math.min(dueAt, entry.dueAt);
    if (dueAt === Number.POSITIVE_INFINITY) return;
    cancelTimer = setTimer(run, Math.min(Math.max(0, dueAt - now()), MAX_TIMER_MS));
  }

  function run(): void {
    for (const [id, entry] of entries) {
      if (running >= MAX_AT_ONCE) break;
      if (!entry.isRunning && entry.dueAt <= now()) start(id, entry);
    }
    arm();
  }

  function start(id: CredentialId, entry: Entry): void {
    entry.isRunning = true;
    running++;
    triedAt.set(id, now());
    refresh({ id, reason: 'expiry', seenVersion: entry.version }).then(
      (outcome) => {
        settle(entry, triesAgainAt(outcome));
        onSettled(id, outcome);
      },
      (error: unknown) => {
        settle(entry, now() + MIN_GAP_MS);
        onSettled(id, undefined, error);
      },
    );
  }

  /** Another version comes with `follow`. */
  function triesAgainAt(outcome: RefreshOutcome): EpochMs {
    if (outcome.type === 'postponed') return outcome.until;
    return outcome.type === 'busy' ? now() + MIN_GAP_MS : Number.POSITIVE_INFINITY;
  }

  function settle(entry: Entry, dueAt: EpochMs): void {
    running--;
    entry.isRunning = false;
    entry.dueAt = dueAt;
    arm();
  }

  return {
    follow(credentials) {
      const ids = new Set(credentials.map(({ id }) => id));
      for (const id of [...entries.keys(), ...triedAt.keys()]) {
        if (ids.has(id)) continue;
        entries.delete(id);
        triedAt.delete(id);
      }
      for (const { id, version, expiresAt } of credentials) {
        if (expiresAt === undefined) entries.delete(id);
        else if (entries.get(id)?.version !== version) {
          const dueAt = nextRefreshAt({ seenAt: now(), expiresAt }, random);
          const lastAt = triedAt.get(id);
          const soonest = lastAt === undefined ? 0 : lastAt + MIN_GAP_MS;
          entries.set(id, { version, dueAt: Math.max(dueAt, soonest), isRunning: false });
        }
      }
      arm();
    },
    [Symbol.dispose]() {
      isClosed = true;
      cancelTimer?.();
    },
  };
}
