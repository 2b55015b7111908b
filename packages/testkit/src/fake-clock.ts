/** What a timer answers: pass it back to `clearTimeout`. `ref` and `unref` change nothing here. */
export interface FakeTimer {
  readonly id: number;
  ref(): FakeTimer;
  unref(): FakeTimer;
}

export interface FakeClock {
  now(): number;
  setTimeout(callback: () => void, delayMs?: number): FakeTimer;
  clearTimeout(timer: FakeTimer | undefined): void;
  setInterval(callback: () => void, everyMs: number): FakeTimer;
  clearInterval(timer: FakeTimer | undefined): void;
  /** Runs every timer that falls due, in order of its time, each at its own `now()`. */
  advance(byMs: number): void;
  /** Like `advance`, and lets promises settle after each timer. */
  advanceAsync(byMs: number): Promise<void>;
  /** Timers set and neither run nor cleared. */
  readonly pending: number;
}

interface Entry {
  readonly timer: FakeTimer;
  readonly callback: () => void;
  readonly everyMs?: number;
  dueMs: number;
  /** Timers due at one instant run in the order they were set. */
  order: number;
}

/** A clock that stands still until a test moves it. Starts at `startMs`, milliseconds since 1970. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  const entries = new Map<number, Entry>();
  let nowMs = startMs;
  let nextId = 1;
  let nextOrder = 1;

  function add(callback: () => void, delayMs: number, everyMs?: number): FakeTimer {
    const id = nextId++;
    const timer: FakeTimer = { id, ref: () => timer, unref: () => timer };
    const entry = { timer, callback, dueMs: nowMs + Math.max(0, delayMs), order: nextOrder++ };
    entries.set(id, everyMs === undefined ? entry : { ...entry, everyMs });
    return timer;
  }

  function remove(timer: FakeTimer | undefined): void {
    if (timer !== undefined) entries.delete(timer.id);
  }

  function earliestUntil(limitMs: number): Entry | undefined {
    let earliest: Entry | undefined;
    for (const entry of entries.values()) {
      if (entry.dueMs > limitMs) continue;
      const isEarlier =
        earliest === undefined ||
        entry.dueMs < earliest.dueMs ||
        (entry.dueMs === earliest.dueMs && entry.order < earliest.order);
      if (isEarlier) earliest = entry;
    }
    return earliest;
  }

  function run(entry: Entry): void {
    nowMs = Math.max(nowMs, entry.dueMs);
    if (entry.everyMs === undefined) {
      entries.delete(entry.timer.id);
    } else {
      // An interval of 0 would never let `advance` end.
      entry.dueMs = nowMs + Math.max(1, entry.everyMs);
      entry.order = nextOrder++;
    }
    entry.callback();
  }

  return {
    now: () => nowMs,
    setTimeout: (callback, delayMs = 0) => add(callback, delayMs),
    clearTimeout: remove,
    setInterval: (callback, everyMs) => add(callback, everyMs, everyMs),
    clearInterval: remove,
    advance(byMs) {
      const limitMs = nowMs + byMs;
      for (let entry = earliestUntil(limitMs); entry !== undefined; entry = earliestUntil(limitMs)) run(entry);
      nowMs = limitMs;
    },
    async advanceAsync(byMs) {
      const limitMs = nowMs + byMs;
      await settle();
      for (let entry = earliestUntil(limitMs); entry !== undefined; entry = earliestUntil(limitMs)) {
        run(entry);
        await settle();
      }
      nowMs = limitMs;
    },
    get pending() {
      return entries.size;
    },
  };
}

/** One turn of the event loop: every promise job that can run has run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
