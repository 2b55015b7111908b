import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RpcError } from '@proxycast/plugin-rpc';
import { RPC_CODES } from '@proxycast/spec/plugin';
import { createLaunchPlan, type MemoryBounds } from '../boundary/launch-plan.ts';
import type { OuterBoundary } from '../boundary/outer-boundary.ts';
import type { CredentialRow, DatabaseRequest, DatabaseResponse, SqlValue } from './sql-messages.ts';

export interface DatabaseRows {
  readonly columns: readonly string[];
  /** Text, numbers, null, and `{ base64 }` for bytes. */
  readonly rows: readonly (readonly unknown[])[];
}

/** A plugin's private database, and copies of other databases it may read. Every method throws RpcError. */
export interface PluginDatabase extends AsyncDisposable {
  query(sql: string, values: readonly unknown[]): Promise<DatabaseRows>;
  execute(
    sql: string,
    values: readonly unknown[],
  ): Promise<{ readonly changes: number; readonly last_insert_row_id?: number }>;
  /** Reads a copy of the file and of its write-ahead log. */
  queryCopy(path: string, sql: string, values: readonly unknown[]): Promise<DatabaseRows>;
  /** What `plugin_credentials` shows from the next statement on. */
  setCredentials(rows: readonly CredentialRow[]): void;
}

export interface PluginDatabaseParts {
  /** The plugin's private folder; made when it is missing. */
  readonly folder: string;
  /** Absolute path of `database-process`. */
  readonly program: string;
  readonly node: string;
  readonly outer: OuterBoundary;
  readonly credentials?: readonly CredentialRow[];
  /** Of one statement. */
  readonly limitMs?: number;
  /** After so long without a statement the process is ended. */
  readonly idleMs?: number;
}

const MEMORY: MemoryBounds = { heapMb: 64, residentMb: 192 };
const MAX_COPY_BYTES = 256 * 1024 * 1024;
const MAX_WAITING = 64;

/** The process is started with the first statement. A statement that takes too long ends it; the next one starts another. */
export function createPluginDatabase(parts: PluginDatabaseParts): PluginDatabase {
  const { folder, limitMs = 4000, idleMs = 60_000 } = parts;
  let child: ChildProcess | undefined;
  let lastId = 0;
  let rows: readonly CredentialRow[] = parts.credentials ?? [];
  /** Whether this process has them. */
  let areRowsWritten = false;
  let idleTimer: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isDisposed = false;
  let hasClearedCopies = false;

  function start(): ChildProcess {
    const plan = createLaunchPlan({
      folder: dirname(parts.program),
      entry: basename(parts.program),
      runtime: 'node',
      node: parts.node,
      outer: parts.outer,
      memory: MEMORY,
      writableFolder: folder,
      withSqlite: true,
    });
    const started = spawn(plan.command, [...plan.args, join(folder, 'plugin.db')], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      env: plan.env,
      cwd: plan.cwd,
    });
    started.on('error', () => undefined);
    areRowsWritten = false;
    child = started;
    return started;
  }

  function end(): void {
    clearTimeout(idleTimer);
    child?.kill('SIGKILL');
    child = undefined;
  }

  function ask(request: DistributedOmit<DatabaseRequest, 'id'>): Promise<DatabaseResponse> {
    const process = child ?? start();
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const settle = (outcome: DatabaseResponse | RpcError): void => {
        clearTimeout(timer);
        process.off('message', onMessage);
        process.off('exit', onExit);
        process.off('error', onExit);
        if (outcome instanceof RpcError) reject(outcome);
        else resolve(outcome);
      };
      const onMessage = (response: DatabaseResponse): void => {
        if (response.id === id) settle(response);
      };
      const onExit = (): void => {
        if (child === process) child = undefined;
        settle(
          new RpcError(RPC_CODES.unavailable, 'The database ended: the statement wanted too much memory.', {
            code: 'database_ended',
          }),
        );
      };
      const timer = setTimeout(() => {
        end();
        settle(
          new RpcError(RPC_CODES.deadlineExceeded, `The statement took longer than ${limitMs} ms.`, {
            code: 'statement_too_slow',
          }),
        );
      }, limitMs);
      process.on('message', onMessage);
      process.once('exit', onExit);
      process.once('error', onExit);
      process.send({ ...request, id }, (error) => {
        if (error !== null) onExit();
      });
    });
  }

  async function run(request: DistributedOmit<DatabaseRequest, 'id'>): Promise<DatabaseResponse> {
    if (child === undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
    if (child === undefined) start();
    if (!areRowsWritten && request.type !== 'query-copy') {
      const sent = rows;
      check(await ask({ type: 'credentials', rows: sent }));
      areRowsWritten = sent === rows;
    }
    return check(await ask(request));
  }

  /** One statement at a time, so that a slow one is known by itself. */
  function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    if (isDisposed) return Promise.reject(new RpcError(RPC_CODES.unavailable, 'The database is closed.'));
    if (waiting >= MAX_WAITING) {
      return Promise.reject(
        new RpcError(RPC_CODES.overLimit, `More than ${MAX_WAITING} statements wait.`, { code: 'too_many_calls' }),
      );
    }
    waiting++;
    const result = queue.then(work).finally(() => {
      waiting--;
      clearTimeout(idleTimer);
      if (waiting === 0) idleTimer = setTimeout(end, idleMs).unref();
    });
    queue = result.catch(() => undefined);
    return result;
  }

  const runRows = async (request: DistributedOmit<DatabaseRequest, 'id'>): Promise<DatabaseRows> => {
    const response = await run(request);
    if (response.type !== 'rows') throw new RpcError(RPC_CODES.internalError, 'The database answered oddly.');
    return { columns: response.columns, rows: response.rows.map((row) => row.map(renderValue)) };
  };

  return {
    query: (sql, values) => enqueue(() => runRows({ type: 'query', sql, values: values.map(parseValue) })),
    execute: (sql, values) =>
      enqueue(async () => {
        const response = await run({ type: 'execute', sql, values: values.map(parseValue) });
        if (response.type !== 'done') throw new RpcError(RPC_CODES.internalError, 'The database answered oddly.');
        return {
          changes: response.changes,
          ...(response.lastInsertRowId === undefined ? {} : { last_insert_row_id: response.lastInsertRowId }),
        };
      }),
    queryCopy: (path, sql, values) =>
      enqueue(async () => {
        const place = join(folder, 'copies', randomUUID());
        try {
          // What a host that ended half-way left of another's database.
          if (!hasClearedCopies) await rm(join(folder, 'copies'), { recursive: true, force: true });
          hasClearedCopies = true;
          await mkdir(place, { recursive: true, mode: 0o700 });
          const copy = await copyDatabase(path, place);
          return await runRows({ type: 'query-copy', path: copy, sql, values: values.map(parseValue) });
        } finally {
          await rm(place, { recursive: true, force: true });
        }
      }),
    setCredentials(next) {
      rows = next;
      areRowsWritten = false;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      await queue;
      end();
    },
  };
}

type DistributedOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

function check(response: DatabaseResponse): DatabaseResponse {
  if (response.type !== 'failed') return response;
  switch (response.code) {
    case 'refused':
      throw new RpcError(RPC_CODES.refused, `This statement is not allowed: ${response.message}.`, {
        code: 'sql_refused',
        field: 'sql',
      });
    case 'too_large':
      throw new RpcError(RPC_CODES.overLimit, response.message, { code: 'result_too_large' });
    case 'sql':
      throw new RpcError(RPC_CODES.invalidParams, response.message, { code: 'sql_failed', field: 'sql' });
  }
}

/** Both files as they were at one moment: copied again while either changes. */
async function copyDatabase(path: string, folder: string): Promise<string> {
  const copy = join(folder, 'copy.db');
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await stampOf(path);
    await copyFile(path, copy);
    await rm(`${copy}-wal`, { force: true });
    if (before.wal !== undefined) await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => undefined);
    const after = await stampOf(path);
    if (before.text === after.text) return copy;
  }
  throw new RpcError(RPC_CODES.unavailable, 'The database is being written all the time. Try again.', { code: 'busy' });
}

async function stampOf(path: string): Promise<{ readonly text: string; readonly wal: number | undefined }> {
  const main = await stat(path);
  const wal = await stat(`${path}-wal`).catch(() => undefined);
  if (main.size + (wal?.size ?? 0) > MAX_COPY_BYTES) {
    throw new RpcError(RPC_CODES.overLimit, 'The database is too large to be copied.', { code: 'too_large' });
  }
  return { text: `${main.ino}:${main.size}:${main.mtimeMs} ${wal?.ino}:${wal?.size}:${wal?.mtimeMs}`, wal: wal?.size };
}

function parseValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object' && 'base64' in value && typeof value.base64 === 'string') {
    return new Uint8Array(Buffer.from(value.base64, 'base64'));
  }
  throw new RpcError(RPC_CODES.invalidParams, 'A value is a text, a number, null or { base64 }.', { field: 'values' });
}

function renderValue(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  return typeof value === 'bigint' ? String(value) : value;
}
