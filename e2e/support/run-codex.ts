import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOfPackage } from './program-of-package.ts';
import { readmeSnippets } from './readme-snippets.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

export interface CodexRun {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  readonly folder: string;
  readonly home: string;
  /** Goes on with the last session of this home. */
  readonly resumes?: boolean;
  /** Talks over a socket instead of one request for each turn. */
  readonly isSocket?: boolean;
}

const VENDORS: Readonly<Record<string, string>> = {
  'linux x64': 'x86_64-unknown-linux-musl',
  'linux arm64': 'aarch64-unknown-linux-musl',
  'darwin x64': 'x86_64-apple-darwin',
  'darwin arm64': 'aarch64-apple-darwin',
  'win32 x64': 'x86_64-pc-windows-msvc',
  'win32 arm64': 'aarch64-pc-windows-msvc',
};

/** Runs the real Codex without a terminal, configured by what README.md says. */
export async function runCodex(run: CodexRun): Promise<ProgramEnd> {
  const { home, folder, key, model } = run;
  const [config = ''] = readmeSnippets('Codex', { ...run, models: { 'gpt-5.6-sol': model } });
  await mkdir(join(home, '.codex'), { recursive: true });
  await writeFile(join(home, '.codex', 'config.toml'), config);
  const extension = process.platform === 'win32' ? '.exe' : '';
  return runProgram({
    program: programOfPackage(
      [`@openai/codex-${process.platform}-${process.arch}`],
      join('vendor', VENDORS[`${process.platform} ${process.arch}`] ?? 'unknown', 'bin', `codex${extension}`),
    ),
    words: [
      'exec',
      ...(run.resumes === true ? ['resume', '--last'] : ['--sandbox', 'workspace-write']),
      '--json',
      '--skip-git-repo-check',
      ...(run.resumes === true ? ['-c', 'sandbox_mode="workspace-write"'] : []),
      '-c',
      'model_reasoning_effort="high"',
      // Else it fetches a list of plugins and sends statistics.
      '-c',
      'features.plugins=false',
      '-c',
      'analytics.enabled=false',
      ...(run.isSocket === true ? ['-c', 'model_providers.proxycast.supports_websockets=true'] : []),
      run.prompt,
    ],
    folder,
    home,
    env: { PROXYCAST_CLIENT_KEY: key },
  });
}

/** What it says at last. */
export function lastWordsOf({ events }: ProgramEnd): string {
  const messages = events.flatMap(({ type, item }) =>
    type === 'item.completed' && isMessage(item) ? [item.text] : [],
  );
  return messages.at(-1) ?? '';
}

function isMessage(item: unknown): item is { readonly text: string } {
  return typeof item === 'object' && item !== null && 'type' in item && item.type === 'agent_message' && 'text' in item;
}
