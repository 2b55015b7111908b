import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createClosedProxy } from './closed-proxy.ts';
import { readObject } from './read-object.ts';

export interface ProgramRun {
  readonly program: string;
  readonly words: readonly string[];
  /** Its working folder. */
  readonly folder: string;
  /** Its home: what it keeps of a session is there. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends the program as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of its output that are JSON objects, in order. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** What it would have fetched from other machines, as `host:port`. */
  readonly calledHome: readonly string[];
}

/** A client that hangs must fail its test with its own words, not with the test's time limit. */
const LIMIT_MS = 100_000;

/** Runs a client without a terminal, with nothing of this machine's settings, cut off from every network but loopback. */
export async function runProgram({ program, words, folder, home, env, signal }: ProgramRun): Promise<ProgramEnd> {
  // Beside the rest of the home: Codex has no sandbox when its own folder is in the one for temporary files.
  const temporary = join(home, 'tmp');
  await mkdir(temporary, { recursive: true });
  const proxy = await createClosedProxy();
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const child = spawn(program, words, {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        TMPDIR: temporary,
        LANG: 'C.UTF-8',
        HTTP_PROXY: proxy.url,
        HTTPS_PROXY: proxy.url,
        NO_PROXY: '127.0.0.1,localhost',
        // Node itself takes no notice of the three above without it.
        NODE_USE_ENV_PROXY: '1',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      killSignal: signal === undefined ? 'SIGKILL' : 'SIGINT',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) => {
        if (signal?.aborted !== true && !limit.aborted) reject(cause);
      });
      child.once('close', resolve);
    });
    if (limit.aborted) stderr += `\nIt was ended after ${LIMIT_MS} ms.`;
    const events = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [readObject(JSON.parse(line))] : []));
    return { exitCode, stdout, stderr, events, calledHome: proxy.asked };
  } finally {
    await proxy.close();
  }
}
