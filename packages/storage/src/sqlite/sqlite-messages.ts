import type { PackedRows } from '../packed-rows.ts';
import type { SqlValue } from '../sql-value.ts';

/** What the worker is started with. */
export interface SqliteWorkerData {
  readonly path: string;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs: number;
}

export type SqliteRequest =
  | {
      readonly id: number;
      readonly type: 'run';
      readonly connection: 'read' | 'write';
      readonly sql: string;
      readonly parameters: readonly SqlValue[];
    }
  /** The same statement for every row, in a transaction of its own. `isText` says of each column what its numbers mean. */
  | {
      readonly id: number;
      readonly type: 'insert';
      readonly sql: string;
      readonly isText: readonly boolean[];
      readonly rows: PackedRows;
    }
  /** Ends the transaction that is open, if one is: SQLite has already ended it after some faults. */
  | { readonly id: number; readonly type: 'rollback' }
  | { readonly id: number; readonly type: 'close' };

export type SqliteReply =
  | {
      readonly id: number;
      readonly type: 'done';
      // What a row is only the statement's author knows; an array of `never` may stand for any of them.
      readonly rows: never[];
      readonly changes: number;
    }
  | { readonly id: number; readonly type: 'failed'; readonly fault: SqliteFault };

/** The reply that says whether the database could be opened. Requests count from 1. */
export const OPEN_REPLY_ID = 0;

export interface SqliteFault {
  /** SQLite's extended result code; 0 when the fault is not SQLite's. */
  readonly resultCode: number;
  readonly message: string;
}
