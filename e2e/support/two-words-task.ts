import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reply, type ScriptedCall } from '@proxycast/testkit';
import { expect } from 'vitest';
import type { ModelRequest } from './read-conversation.ts';
import type { Errand } from './script-model.ts';

/** How a client's tools are called. */
export interface TaskTools {
  /** Two reads at the same time: as two calls, or as one that does both. */
  readBoth(one: string, two: string, request: ModelRequest): readonly ScriptedCall[];
  write(path: string, content: string, request: ModelRequest): ScriptedCall;
}

export const TASK_PROMPT =
  'Find the words in one.txt and two.txt, and write both to summary.txt, the second one last. Think hard.';
export const TASK_LAST_WORDS = 'Fertig: „漢字“ und plover-Ü stehen in summary.txt ✅';
export const TASK_THOUGHTS = ['Both files at once.', 'Now the summary.', 'All is written.'];

const SUMMARY = 'plover-Ü\n漢字 "quoted" \\ back\n';

/** The files the task begins with. */
export async function layOutTask(folder: string): Promise<void> {
  await writeFile(join(folder, 'one.txt'), 'Nothing here.\nThe first word is plover-Ü.\n');
  await writeFile(join(folder, 'two.txt'), 'The second word is 漢字 "quoted" \\ back.\n');
}

/** Parallel reads, a write, a last answer; thinking before each. */
export function twoWordsTask(tools: TaskTools, folder: string): Errand {
  const usage = { input: 120, cacheRead: 20, output: 30, reasoning: 8 };
  return {
    mark: 'Find the words in one.txt',
    steps: [
      (_, request) =>
        reply.message({
          thinking: TASK_THOUGHTS[0] ?? '',
          text: 'I read them.',
          calls: tools.readBoth(join(folder, 'one.txt'), join(folder, 'two.txt'), request),
          usage,
        }),
      (said, request) => {
        // What it read has to come through, or the file on disk will be wrong.
        const first = /first word is ([^ .]+)\./.exec(said)?.[1] ?? 'no word';
        const second = said.includes('second word is 漢字') ? '漢字 "quoted" \\ back' : 'no word';
        return reply.message({
          thinking: TASK_THOUGHTS[1] ?? '',
          calls: [tools.write(join(folder, 'summary.txt'), `${first}\n${second}\n`, request)],
          usage,
        });
      },
      () => reply.message({ thinking: TASK_THOUGHTS[2] ?? '', text: TASK_LAST_WORDS, usage }),
    ],
  };
}

/** The file is written, with the words that were read. */
export async function expectTaskDone(folder: string): Promise<void> {
  expect(await readFile(join(folder, 'summary.txt'), 'utf8')).toBe(SUMMARY);
}

/** Each request of the task asks for thinking, in whatever way its dialect has. */
export function expectThinkingAsked(requests: readonly ModelRequest[]): void {
  for (const { json } of requests) {
    expect(JSON.stringify(json)).toMatch(
      /"reasoning_effort":|"reasoning":\{[^}]*"(?:effort|summary)"|"thinking":\{[^}]*"type":"(?:enabled|adaptive)"|"thinkingConfig":/,
    );
  }
}
