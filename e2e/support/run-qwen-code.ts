import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientRun } from './client-suite.ts';
import { programOfPackage } from './program-of-package.ts';
import { exportedBy, readmeSnippets } from './readme-snippets.ts';
import { type ProgramEnd, runProgram } from './run-program.ts';

/** Runs the real Qwen Code without a terminal, configured by what README.md says. */
export async function runQwenCode(run: ClientRun): Promise<ProgramEnd> {
  const [exports = ''] = readmeSnippets('Qwen Code', run);
  await mkdir(join(run.home, '.qwen'), { recursive: true });
  await writeFile(
    join(run.home, '.qwen', 'settings.json'),
    JSON.stringify({
      general: { enableAutoUpdate: false },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      model: { generationConfig: { samplingParams: { reasoning_effort: 'high' } } },
    }),
  );
  return runProgram({
    program: process.execPath,
    words: [
      programOfPackage(['@qwen-code/qwen-code'], 'cli.js'),
      '--auth-type',
      'openai',
      '--output-format',
      'stream-json',
      '--approval-mode',
      'yolo',
      ...(run.resumes === true ? ['--continue'] : []),
      '--prompt',
      run.prompt,
    ],
    folder: run.folder,
    home: run.home,
    env: { ...exportedBy(exports), OPENAI_MODEL: run.model },
  });
}
