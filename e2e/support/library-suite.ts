import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from './create-target.ts';
import { expectNoViolations } from './expect-no-violations.ts';
import { asksForThread, scriptModel } from './script-model.ts';
import { runSessionRounds } from './session-rounds.ts';
import {
  expectTaskDone,
  expectThinkingAsked,
  layOutTask,
  TASK_LAST_WORDS,
  TASK_PROMPT,
  TASK_THOUGHTS,
  type TaskTools,
  twoWordsTask,
} from './two-words-task.ts';

/** What the library's loop calls: the files are really read and written. */
export interface FileTools {
  read(path: string): Promise<string>;
  write(path: string, content: string): Promise<string>;
}

export interface LibraryParts {
  readonly baseUrl: string;
  readonly key: string;
  readonly isStream: boolean;
  readonly tools: FileTools;
}

export interface LibraryAnswer {
  readonly said: string;
  /** What of the model's thinking it shows; absent where it shows none. */
  readonly thoughts?: readonly string[];
}

/** One conversation, held by the library as its documentation shows it. */
export interface LibrarySession {
  ask(prompt: string, model: string): Promise<LibraryAnswer>;
}

export interface LibraryUnderTest {
  readonly name: string;
  open(parts: LibraryParts): Promise<LibrarySession> | LibrarySession;
  /** Dialects in which nothing is left of how it asks for thinking. */
  readonly asksNoThinkingIn?: readonly ProviderType[];
  /** Dialects in which only the first request asks for thinking: what signs it is lost on the way back. */
  readonly losesThinkingIn?: readonly ProviderType[];
  /** The services its session goes through; absent: all four. */
  readonly rounds?: readonly ProviderType[];
}

export const READ_FILE = { name: 'read_file', description: 'Reads a file' };
export const WRITE_FILE = { name: 'write_file', description: 'Writes a file' };

const FILES: FileTools = {
  read: (path) => readFile(path, 'utf8'),
  async write(path, content) {
    await writeFile(path, content);
    return 'written';
  },
};

const CALLS: TaskTools = {
  readBoth: (one, two) => [one, two].map((path) => ({ name: READ_FILE.name, input: { path } })),
  write: (path, content) => ({ name: WRITE_FILE.name, input: { path, content } }),
};

const TYPES: readonly ProviderType[] = ['anthropic', 'openai', 'openai-response', 'gemini'];

/** A library's own loop over tools before each of the four dialects, streaming and not, and one session through all. */
export function librarySuite({ name, open, asksNoThinkingIn, losesThinkingIn, rounds }: LibraryUnderTest): void {
  describe(name, () => {
    let target: Target;
    let folder: string;
    beforeAll(async () => {
      target = await createTarget('proxycast', { checksSignatures: true });
    });
    afterAll(() => target?.close());
    beforeEach(async () => {
      target.upstream.reset();
      folder = await mkdtemp(join(tmpdir(), 'proxycast-library-'));
      await layOutTask(folder);
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    test.each(TYPES.flatMap((type) => [true, false].map((isStream) => ({ type, isStream }))))(
      'before $type does the task, streaming: $isStream',
      async ({ type, isStream }) => {
        const { model } = await target.provide(type);
        target.upstream.respond(scriptModel([twoWordsTask(CALLS, folder)]));
        const session = await open({ ...target, isStream, tools: FILES });
        const { said, thoughts } = await session.ask(TASK_PROMPT, model);

        expectNoViolations(target.upstream);
        expect(said).toBe(TASK_LAST_WORDS);
        if (thoughts !== undefined) expect(thoughts).toEqual(TASK_THOUGHTS);
        await expectTaskDone(folder);
        const requests = target.upstream.requests.filter((request) => !asksForThread(request));
        expect(requests).toHaveLength(3);
        const asking = losesThinkingIn?.includes(type) === true ? 1 : 3;
        if (asksNoThinkingIn?.includes(type) !== true) expectThinkingAsked(requests.slice(0, asking));
      },
    );

    test.each([true, false])(
      'a session goes from service to service, through a restart of ProxyCast, streaming: %j',
      async (isStream) => {
        const session = await open({ ...target, isStream, tools: FILES });
        await runSessionRounds(
          target,
          folder,
          CALLS,
          async ({ prompt, model }) => (await session.ask(prompt, model)).said,
          rounds,
        );
      },
    );
  });
}
