import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface RotatingFileParts {
  readonly path: string;
  readonly maxBytes: number;
  /** Kept beside the one that is written: `path.1` is the newest of them. */
  readonly keptFiles: number;
  readonly monotonicMs: () => number;
  /** Told once when lines cannot be written, until they can be again. */
  readonly onFault: (cause: unknown) => void;
}

export interface RotatingFile {
  /** Takes a line at once; it is written soon. */
  write(line: string): void;
  /** Writes what is waiting and closes the file. */
  close(): Promise<void>;
}

/** What waits while a disk is slow; more is dropped, and their number is written in their place. */
const MAX_WAITING_CHARACTERS = 1024 * 1024;
const RETRY_AFTER_MS = 30_000;

/** Appends lines to a file that begins anew when it is full, and keeps some of the full ones. Never throws, never waits. */
export function createRotatingFile(parts: RotatingFileParts): RotatingFile {
  const { path, maxBytes, keptFiles, monotonicMs, onFault } = parts;
  let waiting: string[] = [];
  let waitingCharacters = 0;
  let dropped = 0;
  let handle: FileHandle | undefined;
  let size = 0;
  let failedAtMs: number | undefined;
  let writing: Promise<void> | undefined;

  const openFile = async (): Promise<FileHandle> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const opened = await open(path, 'a', 0o600);
    size = (await opened.stat()).size;
    return opened;
  };

  const rotate = async (): Promise<void> => {
    await handle?.close();
    handle = undefined;
    await rm(`${path}.${keptFiles}`, { force: true });
    for (let at = keptFiles - 1; at >= 0; at--) {
      await rename(at === 0 ? path : `${path}.${at}`, `${path}.${at + 1}`).catch((cause: unknown) => {
        // There are not as many yet.
        if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
      });
    }
  };

  const takeWaiting = (): Buffer => {
    const lost = dropped === 0 ? '' : `{"level":40,"msg":"${dropped} lines of the log were dropped"}\n`;
    const bytes = Buffer.from(waiting.join('') + lost);
    waiting = [];
    waitingCharacters = 0;
    dropped = 0;
    return bytes;
  };

  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const bytes = takeWaiting();
      handle ??= await openFile();
      if (size > 0 && size + bytes.length > maxBytes) {
        await rotate();
        handle = await openFile();
      }
      await handle.appendFile(bytes);
      size += bytes.length;
      failedAtMs = undefined;
    }
  };

  const fail = async (cause: unknown): Promise<void> => {
    if (failedAtMs === undefined) onFault(cause);
    failedAtMs = monotonicMs();
    const broken = handle;
    handle = undefined;
    await broken?.close().catch(() => undefined);
  };

  const start = (): void => {
    if (writing !== undefined) return;
    if (failedAtMs !== undefined && monotonicMs() - failedAtMs < RETRY_AFTER_MS) return;
    writing = writeWaiting()
      .catch(fail)
      .finally(() => {
        writing = undefined;
        // Came between the last look and now.
        if (waiting.length > 0) start();
      });
  };

  return {
    write(line) {
      if (waitingCharacters + line.length > MAX_WAITING_CHARACTERS) dropped++;
      else {
        waiting.push(line);
        waitingCharacters += line.length;
      }
      start();
    },
    async close() {
      while (writing !== undefined) await writing;
      await handle?.close().catch(() => undefined);
      handle = undefined;
    },
  };
}
