import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageData from '../package.json' with { type: 'json' };
import { createAdminClient, fieldsOf, textOf } from './admin-client.ts';
import { CliError } from './cli-error.ts';
import { createTerminal } from './create-terminal.ts';
import { createProgress } from './progress.ts';
import { runCli } from './run-cli.ts';
import { createTranslate } from './translate.ts';
import { createWords } from './words.ts';

const env = process.env;
const home = env['PROXYCAST_HOME'] || join(homedir(), '.proxycast');
const tokenPath = join(home, 'admin.token');
const words = createWords(env);

/** The server's program: beside this one when both are built, else its source. */
function serverProgram(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../server/src/main.ts' : './main.js', import.meta.url));
}

function runServer(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [serverProgram()], { stdio: 'inherit' });
    // The terminal signals both; the server ends by itself, and its exit code is ours.
    process.on('SIGINT', () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 130));
  });
}

/** What the server's program does without serving: it answers one JSON value, `{ error }` where it refuses. */
function askServer(args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [serverProgram(), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Work on files is not left in the middle; a second signal ends this program alone.
    process.once('SIGINT', () => undefined);
    child.on('error', reject);
    child.on('close', (code) => {
      let value: unknown;
      try {
        value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      } catch {
        reject(new CliError('ended', words('ended', { code: code ?? -1 })));
        return;
      }
      const { error } = fieldsOf(value);
      if (error === undefined) resolve(value);
      else reject(new CliError(textOf(fieldsOf(error)['code']), textOf(fieldsOf(error)['message'])));
    });
  });
}

function readToken(): string | undefined {
  if (env['PROXYCAST_ADMIN_TOKEN']) return env['PROXYCAST_ADMIN_TOKEN'];
  try {
    return readFileSync(tokenPath, 'utf8').trim() || undefined;
  } catch {
    // Its absence is told when a command needs it.
    return undefined;
  }
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

const host = env['PROXYCAST_HOST'] || '127.0.0.1';
const url = env['PROXYCAST_URL']?.replace(/\/+$/, '') || `http://${reachable(host)}:${env['PROXYCAST_PORT'] || '8999'}`;

/** A server that listens everywhere is reached here. */
function reachable(name: string): string {
  if (name === '0.0.0.0' || name === '::') return '127.0.0.1';
  return name.includes(':') ? `[${name}]` : name;
}

// Whoever reads the output may stop early, as `head` does: then there is nobody left to tell anything.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
  process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), {
  version: packageData.version,
  words,
  admin: createAdminClient({ url, token: readToken(), tokenPath, words, fetch: globalThis.fetch }),
  readStdin,
  files: { read: (path) => readFile(path, 'utf8'), resolve: (path) => resolvePath(path) },
  terminal:
    process.stdin.isTTY === true && process.stderr.isTTY === true
      ? createTerminal({ input: process.stdin, output: process.stderr, words })
      : undefined,
  translate: createTranslate(env),
  runServer,
  askServer,
  progress: createProgress({
    write: (text) => process.stderr.write(text),
    isWatched: process.stderr.isTTY === true,
    repeat: (callback, everyMs) => {
      const timer = setInterval(callback, everyMs);
      return () => clearInterval(timer);
    },
  }),
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
});
