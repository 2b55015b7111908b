import type { Kysely } from 'kysely';
import type { DatabaseTables } from './database-tables.ts';
import type { PackedRows } from './packed-rows.ts';

export interface BulkColumn {
  readonly name: string;
  readonly type: 'text' | 'bigint';
}

/** Where rows of one table go in bulk, and which column says that a row is there already. */
export interface BulkInsert {
  readonly table: string;
  readonly key: string;
  readonly columns: readonly BulkColumn[];
}

/** Rows in one transaction; the values stand in the order of the columns. */
export type InsertRows = (rows: PackedRows) => Promise<void>;

/**
 * How a backup went. `unavailable`: this engine cannot make one here, and says why.
 */
export type BackupOutcome =
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'unavailable'; readonly reason: string };

/** One open database. Every call that fails rejects with a StorageError or a ConstraintError. */
export interface Engine {
  readonly type: 'sqlite' | 'postgres';
  /** The file, or the address without the password: for messages. */
  readonly label: string;
  readonly db: Kysely<DatabaseTables>;
  prepareInsert(insert: BulkInsert): InsertRows;
  /** Settles when what was committed before would survive a power cut, where a commit alone does not see to it. */
  makeDurable(): Promise<void>;
  /** `stem` is the file name without its suffix. */
  backup(stem: string): Promise<BackupOutcome>;
  /**
   * Backs the database up under `stem`, closes its file, lets `place` put another there and opens that one. Statements
   * and transactions that were asked before finish first, those asked meanwhile wait. When the backup or `place` fails,
   * what is in place is opened again. Absent where the database is no file of ours.
   */
  readonly replaceFile?: (stem: string, place: () => Promise<void>) => Promise<BackupOutcome>;
  /** Statements and transactions that were asked before finish first. A second call answers with the first. */
  close(): Promise<void>;
}
