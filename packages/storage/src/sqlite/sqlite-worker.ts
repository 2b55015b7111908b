// The thread that owns the connections of a SQLite database: statements and rows come and go by message.

import type { StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type PackedRows, readPackedRows } from '../packed-rows.ts';
import { openSqliteConnections } from './open-sqlite-connections.ts';
import { readSqliteFault } from './read-sqlite-fault.ts';
import { OPEN_REPLY_ID, type SqliteRequest, type SqliteWorkerData } from './sqlite-messages.ts';
import { createStatementCache } from './statement-cache.ts';

const CACHED_STATEMENTS_PER_CONNECTION = 100;

function startSqliteWorker(port: NonNullable<typeof parentPort>, { path, busyTimeoutMs }: SqliteWorkerData): void {
  const replyDone = (id: number, rows: readonly unknown[], changes: number): void =>
    port.postMessage({ id, type: 'done', rows, changes });
  const replyFailed = (id: number, error: unknown): void =>
    port.postMessage({ id, type: 'failed', fault: readSqliteFault(error) });

  let connections: ReturnType<typeof openSqliteConnections>;
  try {
    connections = openSqliteConnections(path, busyTimeoutMs);
  } catch (error) {
    replyFailed(OPEN_REPLY_ID, error);
    port.close();
    return;
  }
  const { read, write } = connections;
  const caches = {
    read: createStatementCache(read, CACHED_STATEMENTS_PER_CONNECTION),
    write: createStatementCache(write, CACHED_STATEMENTS_PER_CONNECTION),
  };

  const rollback = (): void => {
    if (write.isTransaction) write.exec('rollback');
  };

  const insert = (statement: StatementSync, isText: readonly boolean[], rows: PackedRows): void => {
    write.exec('begin immediate');
    try {
      for (const values of readPackedRows(rows, isText)) statement.run(...values);
      write.exec('commit');
    } catch (error) {
      rollback();
      throw error;
    }
  };

  const handle = (request: SqliteRequest): { readonly rows: readonly unknown[]; readonly changes: number } => {
    switch (request.type) {
      case 'run': {
        const { statement, isReader } = caches[request.connection].prepare(request.sql);
        if (isReader) return { rows: statement.all(...request.parameters), changes: 0 };
        return { rows: [], changes: Number(statement.run(...request.parameters).changes) };
      }
      case 'insert':
        insert(caches.write.prepare(request.sql).statement, request.isText, request.rows);
        return { rows: [], changes: 0 };
      case 'rollback':
        rollback();
        return { rows: [], changes: 0 };
      case 'close':
        rollback();
        read.close();
        write.close();
        return { rows: [], changes: 0 };
    }
  };

  port.on('message', (request: SqliteRequest) => {
    try {
      const { rows, changes } = handle(request);
      replyDone(request.id, rows, changes);
    } catch (error) {
      replyFailed(request.id, error);
    }
    if (request.type === 'close') port.close();
  });
  replyDone(OPEN_REPLY_ID, [], 0);
}

if (parentPort === null) throw new TypeError('The SQLite worker has to be started as a worker thread.');
startSqliteWorker(parentPort, workerData);
