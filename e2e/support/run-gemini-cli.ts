import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientRun } from './client-suite.ts';
import { programOfPackage } from './program-of-package.ts';
import { readObject } from './read-object.ts';
import { exportedBy, readmeSnippets } from './readme-snippets.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

/** Runs the real Gemini CLI without a terminal, configured by what README.md says. */
export async function runGeminiCli(run: ClientRun): Promise<ProgramEnd> {
  const [settings = '', exports = ''] = readmeSnippets('Gemini CLI', run);
  await mkdir(join(run.home, '.gemini'), { recursive: true });
  await writeFile(
    join(run.home, '.gemini', 'settings.json'),
    JSON.stringify({
      ...readObject(JSON.parse(settings)),
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
    }),
  );
  return runProgram({
    program: process.execPath,
    words: [
      programOfPackage(['@google/gemini-cli'], 'bundle/gemini.js'),
      '--model',
      run.model,
      '--output-format',
      'stream-json',
      '--approval-mode',
      'yolo',
      '--skip-trust',
      ...(run.resumes === true ? ['--resume', 'latest'] : []),
      '--prompt',
      run.prompt,
    ],
    folder: run.folder,
    home: run.home,
    env: exportedBy(exports),
  });
}
