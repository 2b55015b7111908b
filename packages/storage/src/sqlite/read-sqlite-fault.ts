import type { SqliteFault } from './sqlite-messages.ts';

/** Errors of `node:sqlite` carry the extended result code as `errcode` (Node 26.10, 2026-11-24). */
export function readSqliteFault(error: unknown): SqliteFault {
  if (!(error instanceof Error)) return { resultCode: 0, message: 'A value that is no error was thrown.' };
  const resultCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;
  return { resultCode, message: error.message };
}
