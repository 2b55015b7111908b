import { Worker } from 'node:worker_threads';
import { StorageError } from '@proxycast/spec';
import { createClosedError } from '../closed-error.ts';
import type { PackedRows } from '../packed-rows.ts';
import type { SqlValue } from '../sql-value.ts';
import {
  OPEN_REPLY_ID,
  type SqliteFault,
  type SqliteReply,
  type SqliteRequest,
  type SqliteWorkerData,
} from './sqlite-messages.ts';

export interface SqliteResult {
  readonly rows: never[];
  readonly changes: number;
}

/** The main thread's end: every call answers when the worker has answered, and the worker answers in order. */
export interface SqliteWorkerClient {
  run(connection: 'read' | 'write', sql: string, parameters: readonly SqlValue[]): Promise<SqliteResult>;
  insert(sql: string, isText: readonly boolean[], rows: PackedRows): Promise<void>;
  rollback(): Promise<void>;
  /** What was asked before is answered first. A second call answers with the first. */
  close(): Promise<void>;
}

export interface SqliteWorkerClientParts {
  readonly workerUrl: URL;
  readonly workerData: SqliteWorkerData;
  readonly explain: (fault: SqliteFault) => Promise<Error>;
}

interface PendingCall {
  readonly resolve: (result: SqliteResult) => void;
  readonly reject: (error: Error) => void;
}

/** Enough for the largest page and batch by far; a query without a bound ends the worker, not the process. */
const WORKER_HEAP_MB = 256;

/** Starts the worker and answers when the database is open. Rejects with what `explain` makes of the fault. */
export async function startSqliteWorker({
  workerUrl,
  workerData,
  explain,
}: SqliteWorkerClientParts): Promise<SqliteWorkerClient> {
  const pending = new Map<number, PendingCall>();
  let lastId = OPEN_REPLY_ID;
  let closing: Promise<void> | undefined;
  /** Why no call can be made any more. */
  let ended: StorageError | undefined;

  const worker = new Worker(workerUrl, {
    name: 'proxycast-sqlite',
    workerData,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });

  const end = (error: StorageError): void => {
    ended ??= error;
    for (const call of pending.values()) call.reject(ended);
    pending.clear();
  };
  const crash = (cause: unknown): void =>
    end(
      new StorageError({
        code: 'storage_failed',
        message: `The thread that keeps the database ${workerData.path} has stopped. What was stored is safe. Restart ProxyCast; the log has the cause.`,
        cause,
      }),
    );

  const opened = new Promise<SqliteResult>((resolve, reject) => pending.set(OPEN_REPLY_ID, { resolve, reject }));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (exitCode) => {
      if (closing === undefined) crash(new Error(`The worker left with exit code ${exitCode}.`));
      else end(createClosedError(workerData.path));
      resolve();
    });
  });
  worker.on('error', crash);
  worker.on('messageerror', crash);
  worker.on('message', (reply: SqliteReply) => {
    const call = pending.get(reply.id);
    if (call === undefined) return;
    pending.delete(reply.id);
    if (reply.type === 'done') call.resolve(reply);
    else void explain(reply.fault).then(call.reject, call.reject);
  });

  const send = (request: (id: number) => SqliteRequest): Promise<SqliteResult> => {
    if (ended !== undefined) return Promise.reject(ended);
    if (closing !== undefined) return Promise.reject(createClosedError(workerData.path));
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      worker.postMessage(request(id));
    });
  };

  await opened;
  return {
    run: (connection, sql, parameters) => send((id) => ({ id, type: 'run', connection, sql, parameters })),
    async insert(sql, isText, rows) {
      await send((id) => ({ id, type: 'insert', sql, isText, rows }));
    },
    async rollback() {
      await send((id) => ({ id, type: 'rollback' }));
    },
    close() {
      if (ended !== undefined) return exited;
      // The worker leaves by itself after its answer; a crash on the way is as good as closed.
      closing ??= send((id) => ({ id, type: 'close' })).then(
        () => exited,
        () => exited,
      );
      return closing;
    },
  };
}
