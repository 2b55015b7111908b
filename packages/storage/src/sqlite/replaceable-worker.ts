import type { SqliteWorkerClient } from './sqlite-worker-client.ts';

/** A worker whose file can be another one from some moment on. */
export interface ReplaceableWorker extends SqliteWorkerClient {
  /**
   * Ends the worker after what was asked before, calls `place`, and starts a worker again, also when `place` has failed.
   * Calls made meanwhile wait. One at a time: whoever calls holds the writers' turn.
   */
  replace(place: () => Promise<void>): Promise<void>;
}

export async function createReplaceableWorker(start: () => Promise<SqliteWorkerClient>): Promise<ReplaceableWorker> {
  let current = await start();
  /** Resolves when the file is there again; absent at all other times. */
  let opened: Promise<void> | undefined;
  const call = <Result>(ask: (worker: SqliteWorkerClient) => Promise<Result>): Promise<Result> =>
    opened === undefined ? ask(current) : opened.then(() => ask(current));
  return {
    run: (connection, sql, parameters) => call((worker) => worker.run(connection, sql, parameters)),
    insert: (sql, isText, rows) => call((worker) => worker.insert(sql, isText, rows)),
    rollback: () => call((worker) => worker.rollback()),
    close: () => call((worker) => worker.close()),
    async replace(place) {
      const { promise, resolve } = Promise.withResolvers<void>();
      opened = promise;
      try {
        await current.close();
        try {
          await place();
        } finally {
          current = await start();
        }
      } finally {
        opened = undefined;
        // Also when no worker could be started: who waited is told by the one that has ended.
        resolve();
      }
    },
  };
}
