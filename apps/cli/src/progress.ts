export interface ProgressParts {
  /** As it is, without a line break. */
  readonly write: (text: string) => void;
  /** Whether a person looks at what is written; else nothing is. */
  readonly isWatched: boolean;
  /** Calls back again and again; answers how to stop. */
  readonly repeat: (callback: () => void, everyMs: number) => () => void;
}

/** One line that says what is going on and for how long. */
export interface Progress {
  start(text: string): void;
  /** Leaves the line as it stands. */
  stop(): void;
}

const TICK_MS = 1_000;

export function createProgress({ write, isWatched, repeat }: ProgressParts): Progress {
  let stopTicking: (() => void) | undefined;
  const stop = (): void => {
    if (stopTicking === undefined) return;
    stopTicking();
    stopTicking = undefined;
    write('\n');
  };
  return {
    start(text) {
      stop();
      if (!isWatched) return;
      write(text);
      let seconds = 0;
      stopTicking = repeat(() => write(`\r${text} ${++seconds} s`), TICK_MS);
    },
    stop,
  };
}
