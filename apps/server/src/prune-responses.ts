export interface PruneResponsesParts {
  /** Removes what has expired and what is over the bound; answers how many went. */
  readonly prune: () => Promise<number>;
  readonly log: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
}

/** Often enough that what is over the bound stays small. */
const PERIOD_MS = 10 * 60 * 1000;
/** Not at the start itself: the first answer comes before housekeeping. */
const FIRST_AFTER_MS = 90 * 1000;

/** Keeps the stored responses within their bounds. Answers how to stop it. */
export function startPruningResponses({ prune, log }: PruneResponsesParts): () => void {
  const run = (): void => {
    prune().then(
      (deleted) => {
        if (deleted > 0) log.info({ deleted }, 'old responses deleted');
      },
      (cause: unknown) => log.warn({ err: cause }, 'old responses were not deleted; tried again later'),
    );
  };
  const first = setTimeout(run, FIRST_AFTER_MS);
  const timer = setInterval(run, PERIOD_MS);
  first.unref();
  timer.unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
