import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

/** The file's text without white space around it; `undefined` when there is none. */
export function readPrivateFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}

/**
 * Writes a file that only its owner may read, whole or not at all, and only when there is none: of two processes that
 * start at once one wins, and the other reads what the first wrote. Answers the text that is there afterwards.
 */
export function createPrivateFile(path: string, text: string): string {
  const draft = `${path}.${process.pid}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
    return text;
  } catch (cause) {
    const winner = readPrivateFile(path);
    if (winner === undefined) throw cause;
    return winner;
  } finally {
    rmSync(draft, { force: true });
  }
}
