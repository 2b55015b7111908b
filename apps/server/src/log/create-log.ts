import { type Logger, pino } from 'pino';
import type { ServerConfig } from '../config/parse-server-config.ts';
import { createRotatingFile } from './rotating-file.ts';

const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** With the one that is written: five. */
const KEPT_FILES = 4;

export interface Log {
  readonly log: Logger;
  /** Writes what is waiting for the file. */
  close(): Promise<void>;
}

/** The log as JSON lines: to stderr, and to a file of its own that does not grow without end. */
export function createLog(
  { logLevel, logFile }: Pick<ServerConfig, 'logLevel' | 'logFile'>,
  monotonicMs: () => number,
): Log {
  const stderr = pino.destination({ dest: 2, sync: false });
  if (logFile === undefined || logLevel === 'silent') {
    return { log: pino({ level: logLevel, base: null }, stderr), close: async () => undefined };
  }
  const file = createRotatingFile({
    path: logFile,
    maxBytes: MAX_FILE_BYTES,
    keptFiles: KEPT_FILES,
    monotonicMs,
    onFault: (cause) => log.warn({ err: cause, path: logFile }, 'the log file cannot be written; stderr has the log'),
  });
  const both = {
    write(line: string) {
      stderr.write(line);
      file.write(line);
    },
    // Called by the log's own flush.
    flush(done?: (cause?: Error) => void) {
      stderr.flush(done);
    },
  };
  const log = pino({ level: logLevel, base: null }, both);
  return { log, close: () => file.close() };
}
