/** Primary result codes, https://sqlite.org/rescode.html, 2026-11-24. An extended code has one in its low byte. */
export const SQLITE_RESULT = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notADatabase: 26,
} as const;

export const SQLITE_CONSTRAINT_FOREIGN_KEY = 787;
export const SQLITE_CONSTRAINT_PRIMARY_KEY = 1555;
export const SQLITE_CONSTRAINT_UNIQUE = 2067;

export function primaryResultCode(resultCode: number): number {
  return resultCode & 0xff;
}
