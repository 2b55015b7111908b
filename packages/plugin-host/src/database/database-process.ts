// A program of its own: it has one plugin's database open and runs that plugin's SQL, so that SQL which never ends or eats
// memory ends with this process. It imports Node and the files beside it, nothing else: it reads its own folder only.
import { DatabaseSync } from 'node:sqlite';
import { CREDENTIALS_TABLE, createSqlAuthorizer } from './sql-authorizer.ts';
import type { CredentialRow, DatabaseRequest, DatabaseResponse, SqlValue } from './sql-messages.ts';

const MAX_ROWS = 10_000;
const MAX_RESULT_BYTES = 8 * 1024 * 1024;
const MAX_HEAP_BYTES = 64 * 1024 * 1024;
/** Of 4 KiB each: 64 MiB. */
const MAX_PAGES = 16_384;

class ResultTooLarge extends Error {}

const [path = ''] = process.argv.slice(2);
let own: DatabaseSync | undefined;

function openOwn(): DatabaseSync {
  if (own !== undefined) return own;
  const database = new DatabaseSync(path, { timeout: 1000, allowExtension: false });
  database.enableDefensive(true);
  database.exec(
    `pragma journal_mode = wal; pragma synchronous = normal; pragma trusted_schema = off; pragma temp_store = memory;
     pragma max_page_count = ${MAX_PAGES}; pragma hard_heap_limit = ${MAX_HEAP_BYTES};
     create table if not exists ${CREDENTIALS_TABLE} (
       id text primary key, auth_type text not null, name text, status text not null, stats text not null,
       created_at integer not null, updated_at integer not null
     ) without rowid`,
  );
  database.setAuthorizer(createSqlAuthorizer({ mayWrite: true }));
  own = database;
  return database;
}

function answer(request: DatabaseRequest): DatabaseResponse {
  const { id } = request;
  switch (request.type) {
    case 'query':
      return { id, type: 'rows', ...readRows(openOwn(), request.sql, request.values) };
    case 'execute': {
      const { changes, lastInsertRowid } = openOwn()
        .prepare(request.sql)
        .run(...request.values);
      return { id, type: 'done', changes: Number(changes), lastInsertRowId: Number(lastInsertRowid) };
    }
    case 'query-copy': {
      using copy = new DatabaseSync(request.path, { timeout: 1000, allowExtension: false });
      copy.enableDefensive(true);
      copy.exec(`pragma trusted_schema = off; pragma temp_store = memory; pragma hard_heap_limit = ${MAX_HEAP_BYTES}`);
      copy.setAuthorizer(createSqlAuthorizer({ mayWrite: false }));
      return { id, type: 'rows', ...readRows(copy, request.sql, request.values) };
    }
    case 'credentials':
      writeCredentials(openOwn(), request.rows);
      return { id, type: 'done', changes: request.rows.length };
  }
}

function readRows(
  database: DatabaseSync,
  sql: string,
  values: readonly SqlValue[],
): { readonly columns: readonly string[]; readonly rows: readonly (readonly SqlValue[])[] } {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  const rows: SqlValue[][] = [];
  let bytes = 0;
  for (const row of statement.iterate(...values)) {
    const cells = Object.values(row).map(shorten);
    for (const cell of cells)
      bytes += typeof cell === 'string' ? cell.length : cell instanceof Uint8Array ? cell.length : 8;
    if (rows.length >= MAX_ROWS || bytes > MAX_RESULT_BYTES) throw new ResultTooLarge();
    rows.push(cells);
  }
  return { columns, rows };
}

/** Integers that fit are numbers; larger ones stay exact. */
function shorten(value: unknown): SqlValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array) return value;
  return null;
}

function writeCredentials(database: DatabaseSync, rows: readonly CredentialRow[]): void {
  database.setAuthorizer(null);
  try {
    database.exec('begin immediate');
    try {
      database.exec(`delete from ${CREDENTIALS_TABLE}`);
      const insert = database.prepare(`insert into ${CREDENTIALS_TABLE} values (?, ?, ?, ?, ?, ?, ?)`);
      for (const row of rows) {
        insert.run(row.id, row.auth_type, row.name, row.status, row.stats, row.created_at, row.updated_at);
      }
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  } finally {
    database.setAuthorizer(createSqlAuthorizer({ mayWrite: true }));
  }
}

function explain(id: number, error: unknown): DatabaseResponse {
  if (error instanceof ResultTooLarge) {
    return {
      id,
      type: 'failed',
      code: 'too_large',
      message: `More than ${MAX_ROWS} rows or ${MAX_RESULT_BYTES} bytes. Use limit.`,
    };
  }
  const message = error instanceof Error ? error.message : 'It failed.';
  const isRefused = /authoriz|prohibited/.test(message);
  return { id, type: 'failed', code: isRefused ? 'refused' : 'sql', message: message.slice(0, 500) };
}

process.on('message', (request: DatabaseRequest) => {
  let response: DatabaseResponse;
  try {
    response = answer(request);
  } catch (error) {
    response = explain(request.id, error);
  }
  process.send?.(response);
});
// The host is gone.
process.on('disconnect', () => process.exit(0));
