import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientRun } from './client-suite.ts';
import { programOfPackage } from './program-of-package.ts';
import { readmeSnippets } from './readme-snippets.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

/** Runs the real opencode without a terminal, configured by what README.md says. */
export async function runOpencode(run: ClientRun): Promise<ProgramEnd> {
  const [config = ''] = readmeSnippets('opencode', { ...run, models: { 'glm-5.2': run.model } });
  const folder = join(run.home, '.config', 'opencode');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'opencode.json'), config);
  return runProgram({
    program: programOfPackage([`opencode-${process.platform}-${process.arch}-baseline`], 'bin/opencode'),
    words: [
      'run',
      '--format',
      'json',
      '--auto',
      '--model',
      `proxycast/${run.model}`,
      '--variant',
      'high',
      ...(run.resumes === true ? ['--continue'] : []),
      run.prompt,
    ],
    folder: run.folder,
    home: run.home,
    env: {
      PROXYCAST_CLIENT_KEY: run.key,
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_SHARE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    },
  });
}
