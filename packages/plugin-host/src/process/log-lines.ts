const MAX_LINE = 8192;

export interface LogLines {
  push(chunk: Uint8Array): void;
  /** Lines that were over the rate since the last call. */
  takeDropped(): number;
}

/** Cuts a plugin's stderr into lines; so many a second reach `onLine`, the others are counted. */
export function createLogLines(parts: {
  readonly onLine: (line: string) => void;
  readonly now: () => number;
  readonly maxPerSecond: number;
}): LogLines {
  const { onLine, now, maxPerSecond } = parts;
  const decoder = new TextDecoder();
  let rest = '';
  let second = 0;
  let inSecond = 0;
  let dropped = 0;

  function give(line: string): void {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      second = current;
      inSecond = 0;
    }
    if (line === '') return;
    if (++inSecond > maxPerSecond) dropped++;
    else onLine(line);
  }

  return {
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      for (const line of lines) give(line.slice(0, MAX_LINE).trimEnd());
    },
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}
