import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programOfPackage } from './program-of-package.ts';
import { exportedBy, readmeSnippets } from './readme-snippets.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

export interface ClaudeCodeRun {
  readonly baseUrl: string;
  readonly key: string;
  /** `api-key` sends x-api-key, `auth-token` sends a bearer token, as README.md has it. */
  readonly auth: 'api-key' | 'auth-token';
  readonly model: string;
  readonly prompt: string;
  /** Its working folder: the only one its tools are let into. */
  readonly folder: string;
  /** Absent: an empty one, removed at the end. */
  readonly home?: string;
  /** Goes on with the last session of its home in this folder. */
  readonly resumes?: boolean;
  readonly allowedTools: readonly string[];
  /** How much it lets the model think; absent: as it does by itself. */
  readonly thinkingTokens?: number;
  /** Ends the program as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

export interface ClaudeCodeEnd extends ProgramEnd {
  /** The last event, which says how it went; absent when it was ended before. */
  readonly result?: Readonly<Record<string, unknown>>;
}

/** Runs the real Claude Code without a terminal, cut off from every network but loopback. */
export async function runClaudeCode(run: ClaudeCodeRun): Promise<ClaudeCodeEnd> {
  if (run.home !== undefined) return runIn(run.home, run);
  const home = await mkdtemp(join(tmpdir(), 'proxycast-claude-home-'));
  try {
    return await runIn(home, run);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runIn(home: string, run: ClaudeCodeRun): Promise<ClaudeCodeEnd> {
  const base = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  const end = await runProgram({
    program: programOfPackage([base, `${base}-musl`], process.platform === 'win32' ? 'claude.exe' : 'claude'),
    words: [
      '-p',
      run.prompt,
      ...(run.resumes === true ? ['--continue'] : []),
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
    folder: run.folder,
    home,
    env: {
      ...(run.auth === 'api-key'
        ? { ANTHROPIC_BASE_URL: run.baseUrl, ANTHROPIC_API_KEY: run.key }
        : exportedBy(readmeSnippets('Claude Code', run)[0] ?? '')),
      ...(run.thinkingTokens === undefined ? {} : { MAX_THINKING_TOKENS: String(run.thinkingTokens) }),
      // Side tasks such as titles go to the small model; here all go to the one that is served.
      ANTHROPIC_DEFAULT_HAIKU_MODEL: run.model,
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      // It tries a refused key again for minutes otherwise.
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  const result = end.events.findLast((event) => event.type === 'result');
  return { ...end, ...(result === undefined ? {} : { result }) };
}
