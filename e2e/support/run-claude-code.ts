import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { readObject } from './read-object.ts';

export interface ClaudeCodeRun {
  readonly baseUrl: string;
  readonly key: string;
  /** `api-key` sends x-api-key, `auth-token` sends a bearer token. */
  readonly auth: 'api-key' | 'auth-token';
  readonly model: string;
  readonly prompt: string;
  /** Its working folder: the only one its tools are let into. */
  readonly folder: string;
  readonly allowedTools: readonly string[];
  /** How much it lets the model think; absent: as it does by itself. */
  readonly thinkingTokens?: number;
  /** Ends the program as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

export interface ClaudeCodeEnd {
  readonly exitCode: number | null;
  /** The lines of `--output-format stream-json`, in order. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The last event, which says how it went; absent when it was ended before. */
  readonly result?: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

/** Runs the real Claude Code without a terminal, in an empty home, cut off from every network but loopback. */
export async function runClaudeCode(run: ClaudeCodeRun): Promise<ClaudeCodeEnd> {
  const home = await mkdtemp(join(tmpdir(), 'proxycast-claude-home-'));
  try {
    return await runIn(home, run);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runIn(home: string, run: ClaudeCodeRun): Promise<ClaudeCodeEnd> {
  const child = spawn(
    findProgram(),
    [
      '-p',
      run.prompt,
      '--model',
      run.model,
      '--output-format',
      'stream-json',
      '--verbose',
      '--permission-mode',
      'default',
      '--allowedTools',
      run.allowedTools.join(','),
    ],
    {
      cwd: run.folder,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        TMPDIR: home,
        ANTHROPIC_BASE_URL: run.baseUrl,
        [run.auth === 'api-key' ? 'ANTHROPIC_API_KEY' : 'ANTHROPIC_AUTH_TOKEN']: run.key,
        ...(run.thinkingTokens === undefined ? {} : { MAX_THINKING_TOKENS: String(run.thinkingTokens) }),
        // Side tasks such as titles go to the small model; here all go to the one that is served.
        ANTHROPIC_DEFAULT_HAIKU_MODEL: run.model,
        DISABLE_TELEMETRY: '1',
        DISABLE_ERROR_REPORTING: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        // It tries a refused key again for minutes otherwise.
        CLAUDE_CODE_MAX_RETRIES: '1',
        // Port 9 refuses, so whatever it would fetch from elsewhere fails at once and reaches nobody.
        HTTP_PROXY: 'http://127.0.0.1:9',
        HTTPS_PROXY: 'http://127.0.0.1:9',
        NO_PROXY: '127.0.0.1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(run.signal === undefined ? {} : { signal: run.signal, killSignal: 'SIGINT' as const }),
    },
  );
  const events: Readonly<Record<string, unknown>>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) events.push(readObject(JSON.parse(line)));
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => {
      if (run.signal?.aborted !== true) reject(cause);
    });
    child.once('close', resolve);
  });
  const result = events.findLast((event) => event.type === 'result');
  return { exitCode, events, stderr, ...(result === undefined ? {} : { result }) };
}

/**
 * The native program of this platform's own package. The main package only links to it in an install script, and
 * install scripts do not run here.
 */
function findProgram(): string {
  const require = createRequire(import.meta.url);
  const base = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  for (const name of [base, `${base}-musl`]) {
    try {
      const folder = dirname(require.resolve(`${name}/package.json`));
      const program = join(folder, process.platform === 'win32' ? 'claude.exe' : 'claude');
      if (existsSync(program)) return program;
    } catch {
      // The other one may be there.
    }
  }
  throw new Error(`${base} is not installed. Run: node tools/prepare.mjs e2e`);
}
