/** One writer at a time, in the order they asked. */
export interface WriteTurns {
  /** Answers when it is the caller's turn, with what ends the turn. Ending it twice does nothing. */
  take(): Promise<() => void>;
}

export function createWriteTurns(): WriteTurns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = last;
      last = promise;
      await before;
      return resolve;
    },
  };
}
