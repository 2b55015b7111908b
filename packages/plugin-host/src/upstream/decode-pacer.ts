/** Lets the calls of many streams leave together. */
export interface DecodePacer {
  /** Runs `work` now, or with the next batch. Answers how to call it off. */
  schedule(work: () => void): () => void;
}

export interface DecodePacerParts {
  /** Milliseconds, never going back. */
  readonly monotonicMs: () => number;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
}

const SHORTEST_MS = 4;
/** A reader sees nothing of it, and at the usual ten milliseconds from word to word three of them go together. */
const LONGEST_MS = 30;
const MS_PER_CALL = 0.75;

/**
 * Waking a process costs some ten times what it does with one frame (0.1 to 0.25 ms of CPU, 2026-11), and writing to a
 * client costs more than decoding what is written. So frames that come within a few milliseconds go in one write, whichever
 * streams they are of, and with many streams at once the pause is longer. After a pause the first one goes at once: where
 * little happens nothing waits.
 */
export function createDecodePacer({ monotonicMs, setTimer }: DecodePacerParts): DecodePacer {
  const waiting = new Set<() => void>();
  let lastMs = Number.NEGATIVE_INFINITY;
  let everyMs = SHORTEST_MS;
  let isTimerSet = false;

  function flush(): void {
    isTimerSet = false;
    lastMs = monotonicMs();
    const batch = [...waiting];
    waiting.clear();
    everyMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, batch.length * MS_PER_CALL));
    for (const work of batch) work();
  }

  return {
    schedule(work) {
      const now = monotonicMs();
      if (!isTimerSet && now - lastMs >= everyMs) {
        lastMs = now;
        everyMs = SHORTEST_MS;
        work();
        return () => undefined;
      }
      waiting.add(work);
      if (!isTimerSet) {
        isTimerSet = true;
        setTimer(flush, Math.max(1, everyMs - (now - lastMs)));
      }
      return () => waiting.delete(work);
    },
  };
}
