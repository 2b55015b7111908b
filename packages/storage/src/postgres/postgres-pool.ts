import { setImmediate } from 'node:timers/promises';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { createClosedError } from '../closed-error.ts';
import { explainPostgresError } from './explain-postgres-error.ts';

/**
 * `pg`'s pool as Kysely takes it: every error explained, and an end that waits. `pg`'s own end leaves those that
 * wait for a connection waiting until their time is over (pg-pool 3.14.0).
 */
export function createPostgresPool(pool: Pool, label: string): PostgresPool {
  let inUse = 0;
  let ending: Promise<void> | undefined;
  let isClosed = false;
  let onIdle: (() => void) | undefined;

  const leave = (): void => {
    inUse -= 1;
    if (inUse === 0) onIdle?.();
  };
  const end = async (): Promise<void> => {
    // A statement that was asked before takes some microtasks until it asks for its connection.
    await setImmediate();
    isClosed = true;
    if (inUse > 0) {
      await new Promise<void>((resolve) => {
        onIdle = resolve;
      });
    }
    await pool.end();
  };

  return {
    options: pool.options,
    async connect() {
      if (isClosed) throw createClosedError(label);
      inUse += 1;
      try {
        return new ExplainingClient(await pool.connect(), label, leave);
      } catch (error) {
        leave();
        throw explainPostgresError(error, label);
      }
    },
    end() {
      ending ??= end();
      return ending;
    },
  };
}

class ExplainingClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #label: string;
  readonly #onRelease: () => void;

  constructor(client: PoolClient, label: string, onRelease: () => void) {
    this.#client = client;
    this.#label = label;
    this.#onRelease = onRelease;
    client.on('error', ignoreLoss);
  }

  query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query(statement: string | PostgresCursor<unknown>, parameters: readonly unknown[] = []): unknown {
    if (typeof statement !== 'string') throw new TypeError('Rows are read in pages here, not streamed.');
    return this.#run(statement, parameters);
  }

  release(isBroken?: boolean): void {
    this.#client.off('error', ignoreLoss);
    this.#client.release(isBroken);
    this.#onRelease();
  }

  async #run(statement: string, parameters: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#client.query(statement, [...parameters]);
    } catch (error) {
      throw explainPostgresError(error, this.#label);
    }
  }
}

/**
 * A connection that breaks between two statements says so as an event, which would end the process if nobody heard
 * it. The next statement fails, and tells.
 */
function ignoreLoss(): void {}
