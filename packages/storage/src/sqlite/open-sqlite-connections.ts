import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { readSqliteFault } from './read-sqlite-fault.ts';
import { primaryResultCode, SQLITE_RESULT } from './sqlite-result-code.ts';

export interface SqliteConnections {
  readonly write: DatabaseSync;
  readonly read: DatabaseSync;
}

/** Reading through costs some 3 ms a megabyte (warm cache, 2026-11-24); a larger file is not read at every start. */
const QUICK_CHECK_MAX_BYTES = 16 * 1024 * 1024;

/** Pages kept by one connection, in KiB. The whole process has 120 MB when idle. */
const CACHE_KIB = 2048;
/** What a burst may leave of the write-ahead log on the disk. */
const WAL_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Opens the one connection that writes and the one that reads, and looks for damage first: through a connection that
 * cannot write, so that a damaged file stays as it is. Throws what SQLite throws. Runs in the worker.
 */
export function openSqliteConnections(path: string, busyTimeoutMs: number): SqliteConnections {
  const isNew = !existsSync(path) || statSync(path).size === 0;
  // The log and the index beside it inherit the mode of the file.
  if (isNew) {
    writeFileSync(path, '', { flag: 'a', mode: 0o600 });
    chmodSync(path, 0o600);
  }

  let read: DatabaseSync | undefined = isNew ? undefined : openInspected(path, busyTimeoutMs);
  const write = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    if (!isNew && read === undefined) inspect(write, path);
    switchToWriteAheadLog(write, busyTimeoutMs);
    write.exec(
      `pragma synchronous = normal; pragma mmap_size = 0; pragma cache_size = -${CACHE_KIB};
       pragma journal_size_limit = ${WAL_MAX_BYTES}; pragma trusted_schema = off;`,
    );
    // Finds out now, not at the first write, that the file is read-only: `begin immediate` alone does not tell.
    write.exec('begin immediate; pragma user_version = 0; rollback;');
    read ??= openReadOnly(path, busyTimeoutMs);
  } catch (error) {
    read?.close();
    write.close();
    throw error;
  }
  return { write, read };
}

/** A checked connection, or `undefined` when recovery needs one that may write. */
function openInspected(path: string, busyTimeoutMs: number): DatabaseSync | undefined {
  const database = openReadOnly(path, busyTimeoutMs);
  try {
    inspect(database, path);
    return database;
  } catch (error) {
    database.close();
    if (primaryResultCode(readSqliteFault(error).resultCode) === SQLITE_RESULT.readOnly) return undefined;
    throw error;
  }
}

function openReadOnly(path: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  database.exec(`pragma mmap_size = 0; pragma cache_size = -${CACHE_KIB}; pragma trusted_schema = off;`);
  return database;
}

function inspect(database: DatabaseSync, path: string): void {
  database.prepare('select count(*) from sqlite_schema').get();
  const fileBytes = statSync(path).size;
  if (fileBytes <= QUICK_CHECK_MAX_BYTES) {
    const finding = String(database.prepare('pragma quick_check(1)').get()?.quick_check);
    if (finding !== 'ok') throw damage(finding);
    return;
  }
  // A large file is only measured: what was cut off shows in its length, unless pages still wait in the log.
  if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) return;
  const size = database
    .prepare('select page_count * page_size as bytes from pragma_page_count, pragma_page_size')
    .get();
  const expectedBytes = Number(size?.bytes);
  if (fileBytes < expectedBytes) throw damage(`${fileBytes} bytes are there, ${expectedBytes} should be`);
}

function damage(finding: string): Error {
  return Object.assign(new Error(finding), { errcode: SQLITE_RESULT.corrupt });
}

/**
 * SQLite's own waiting does not cover this switch when two processes create the file together
 * (https://sqlite.org/wal.html, 2026-11-24), so it is tried until the same time is over.
 */
function switchToWriteAheadLog(database: DatabaseSync, busyTimeoutMs: number): void {
  if (database.prepare('pragma journal_mode').get()?.journal_mode === 'wal') return;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += 10) {
    try {
      database.prepare('pragma journal_mode = wal').get();
      return;
    } catch (error) {
      const code = primaryResultCode(readSqliteFault(error).resultCode);
      if (code !== SQLITE_RESULT.busy || waitedMs >= busyTimeoutMs) throw error;
      Atomics.wait(pause, 0, 0, 10);
    }
  }
}
