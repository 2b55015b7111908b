import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface CachedStatement {
  readonly statement: StatementSync;
  /** Whether it answers rows. */
  readonly isReader: boolean;
}

export interface StatementCache {
  prepare(sql: string): CachedStatement;
}

// Everything else (DDL, pragmas, transactions) is rare or trivial to prepare.
const CACHEABLE = /^\s*(?:select|insert|update|delete|with)\b/i;
const TRANSACTION = /^\s*(?:begin|commit|rollback|savepoint|release)\b/i;

/** Keeps the most recently used prepared statements of one connection, at most `limit`. */
export function createStatementCache(database: DatabaseSync, limit: number): StatementCache {
  const statements = new Map<string, CachedStatement>();
  return {
    prepare(sql) {
      const known = statements.get(sql);
      if (known !== undefined) {
        statements.delete(sql);
        statements.set(sql, known);
        return known;
      }
      const statement = database.prepare(sql);
      const fresh = { statement, isReader: statement.columns().length > 0 };
      if (CACHEABLE.test(sql)) {
        statements.set(sql, fresh);
        if (statements.size > limit) {
          for (const oldest of statements.keys()) {
            statements.delete(oldest);
            break;
          }
        }
      } else if (!TRANSACTION.test(sql)) {
        // The schema may have changed: a kept statement would answer with the columns of before.
        statements.clear();
      }
      return fresh;
    },
  };
}
