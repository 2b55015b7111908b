import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseJson } from './json.ts';

const BUILT_ENTRY = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url));
/** A cold start on a busy machine of two cores. */
const START_LIMIT_MS = 30_000;
/** Longer than the server's own limit for streams that are still running. */
const STOP_LIMIT_MS = 20_000;

export interface StartServerOptions {
  /**
   * Added to the environment, or replacing what is there; `undefined` takes a name out. With keys, tokens and a home of an
   * earlier start the server goes on where that one ended.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The script; absent: the built server. */
  readonly entry?: string;
  /** Flags for the Node that runs it. */
  readonly nodeFlags?: readonly string[];
  /** A home of one's own, which stays; absent: an empty temporary one, removed at the end. */
  readonly home?: string;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface AdminAnswer {
  readonly status: number;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

export interface RunningServer {
  /** `http://127.0.0.1:<port>`. */
  readonly baseUrl: string;
  /** Also the process id of the child, for figures from the operating system. */
  readonly pid: number;
  readonly adminToken: string;
  readonly clientKey: string;
  readonly home: string;
  /** Everything it has printed so far, both streams in order of arrival. */
  logs(): string;
  /** `path` below `/api/admin/v1`, with the admin token. */
  adminFetch(path: string, request?: { readonly method?: string; readonly body?: unknown }): Promise<AdminAnswer>;
  /** Settles when the process has ended, by itself or not. */
  readonly exited: Promise<ServerExit>;
  /** Asks it to stop, and ends it when it does not; removes the temporary home. */
  stop(): Promise<ServerExit>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the server as a program of its own, on a free port, with nothing of this machine's settings. */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const entry = options.entry ?? BUILT_ENTRY;
  if (!existsSync(entry)) throw new Error(`${entry} is not there. Build the server first: node tools/build.ts`);
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'proxycast-home-')));
  const adminToken = options.env?.PROXYCAST_ADMIN_TOKEN ?? `admin-${randomBytes(24).toString('hex')}`;
  const clientKey = options.env?.PROXYCAST_API_KEY ?? `sk-client-${randomBytes(24).toString('hex')}`;
  const environment: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    // Nothing of the person who runs the tests is read or written.
    HOME: home,
    TMPDIR: process.env.TMPDIR,
    PROXYCAST_HOME: join(home, '.proxycast'),
    PROXYCAST_HOST: '127.0.0.1',
    PROXYCAST_PORT: '0',
    PROXYCAST_ADMIN_TOKEN: adminToken,
    PROXYCAST_API_KEY: clientKey,
    PROXYCAST_MASTER_KEY: randomBytes(32).toString('base64'),
    ...options.env,
  };
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), entry], {
    cwd: home,
    env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let logs = '';
  const { promise: listening, resolve: resolveListening, reject: rejectListening } = Promise.withResolvers<string>();
  const { promise: exited, resolve: resolveExited } = Promise.withResolvers<ServerExit>();
  const onOutput = (chunk: string) => {
    logs += chunk;
    const address = /Listening on (http:\/\/[^\s"\\]+)[\s"\\]/.exec(logs)?.[1];
    if (address !== undefined) resolveListening(address.replace(/\/$/, ''));
  };
  child.stdout.setEncoding('utf8').on('data', onOutput);
  child.stderr.setEncoding('utf8').on('data', onOutput);
  child.once('error', rejectListening);
  child.once('close', (code, signal) => {
    resolveExited({ code, signal });
    rejectListening(new Error(`The server ended (${code ?? signal}) before it listened. It printed:\n${logs}`));
  });
  // Nobody awaits it when the exit comes after the listening line.
  listening.catch(() => {});

  const end = async (): Promise<ServerExit> => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    const exit = await exited;
    clearTimeout(killer);
    if (options.home === undefined) await rm(home, { recursive: true, force: true });
    return exit;
  };

  let baseUrl: string;
  try {
    baseUrl = await within(listening, START_LIMIT_MS, () => `The server did not listen in time. It printed:\n${logs}`);
  } catch (cause) {
    child.kill('SIGKILL');
    await end();
    throw cause;
  }

  let stopping: Promise<ServerExit> | undefined;
  const stop = (): Promise<ServerExit> => {
    stopping ??= end();
    return stopping;
  };

  return {
    baseUrl,
    pid: child.pid ?? 0,
    adminToken,
    clientKey,
    home,
    logs: () => logs,
    async adminFetch(path, { method = 'GET', body } = {}) {
      const response = await fetch(`${baseUrl}/api/admin/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: parseJson(text) ?? text };
    },
    exited,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function within<Value>(promise: Promise<Value>, limitMs: number, explain: () => string): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(explain())), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
