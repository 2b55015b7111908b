import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { parseSqlValue } from '../sql-value.ts';
import type { SqliteWorkerClient } from './sqlite-worker-client.ts';
import type { WriteTurns } from './write-turns.ts';

/**
 * Kysely's SQLite dialect over a worker: a `select` outside a transaction goes to the connection that reads, so that
 * it never sees half a transaction; everything else waits for its turn on the one that writes.
 */
export function createSqliteWorkerDialect(worker: SqliteWorkerClient, turns: WriteTurns): Dialect {
  return {
    createAdapter: () => new SqliteWorkerAdapter(),
    createDriver: () => createDriver(worker, turns),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteWorkerAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  // SQLite can; Kysely says no because `pragma foreign_keys` does nothing inside a transaction, and we do not use it.
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function createDriver(worker: SqliteWorkerClient, turns: WriteTurns): Driver {
  return {
    async init() {},
    async acquireConnection() {
      return new SqliteWorkerConnection(worker, turns);
    },
    async beginTransaction(connection) {
      await ours(connection).begin();
    },
    async commitTransaction(connection) {
      await ours(connection).commit();
    },
    async rollbackTransaction(connection) {
      await ours(connection).rollback();
    },
    async releaseConnection(connection) {
      await ours(connection).release();
    },
    // The engine closes the worker: it created it.
    async destroy() {},
  };
}

function ours(connection: DatabaseConnection): SqliteWorkerConnection {
  if (connection instanceof SqliteWorkerConnection) return connection;
  throw new TypeError('The connection belongs to another driver.');
}

class SqliteWorkerConnection implements DatabaseConnection {
  readonly #worker: SqliteWorkerClient;
  readonly #turns: WriteTurns;
  /** Set while a transaction is open: it keeps its turn until its end. */
  #endTurn: (() => void) | undefined;

  constructor(worker: SqliteWorkerClient, turns: WriteTurns) {
    this.#worker = worker;
    this.#turns = turns;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters.map(parseSqlValue);
    if (this.#endTurn !== undefined) return toQueryResult(await this.#worker.run('write', query.sql, parameters));
    if (query.query.kind === 'SelectQueryNode') {
      return toQueryResult(await this.#worker.run('read', query.sql, parameters));
    }
    const endTurn = await this.#turns.take();
    try {
      return toQueryResult(await this.#worker.run('write', query.sql, parameters));
    } finally {
      endTurn();
    }
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new TypeError('Rows are read in pages here, not streamed.');
  }

  async begin(): Promise<void> {
    const endTurn = await this.#turns.take();
    try {
      // Takes the lock at once: a transaction that reads first and writes later can be refused half-way otherwise.
      await this.#worker.run('write', 'begin immediate', []);
    } catch (error) {
      endTurn();
      throw error;
    }
    this.#endTurn = endTurn;
  }

  async commit(): Promise<void> {
    await this.#worker.run('write', 'commit', []);
    this.#leave();
  }

  async rollback(): Promise<void> {
    try {
      await this.#worker.rollback();
    } finally {
      this.#leave();
    }
  }

  async release(): Promise<void> {
    if (this.#endTurn !== undefined) await this.rollback();
  }

  #leave(): void {
    this.#endTurn?.();
    this.#endTurn = undefined;
  }
}

function toQueryResult<Row>({ rows, changes }: { rows: never[]; changes: number }): QueryResult<Row> {
  return { rows, numAffectedRows: BigInt(changes) };
}
