import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from './create-target.ts';
import { expectNoViolations } from './expect-no-violations.ts';
import { offersTools } from './read-conversation.ts';
import type { ProgramEnd } from './run-program.ts';
import { scriptModel } from './script-model.ts';
import { runSessionRounds } from './session-rounds.ts';
import {
  expectTaskDone,
  expectThinkingAsked,
  layOutTask,
  TASK_LAST_WORDS,
  TASK_PROMPT,
  type TaskTools,
  twoWordsTask,
} from './two-words-task.ts';

export interface ClientRun {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  /** Its working folder. */
  readonly folder: string;
  readonly home: string;
  /** Goes on with the last session of this home in this folder. */
  readonly resumes?: boolean;
}

export interface ClientUnderTest {
  readonly name: string;
  readonly tools: TaskTools;
  run(run: ClientRun): Promise<ProgramEnd>;
  /** What it says at last. */
  lastWordsOf(end: ProgramEnd): string;
  /** Dialects in which nothing is left of how it asks for thinking. */
  readonly asksNoThinkingIn?: readonly ProviderType[];
  /** Dialects in which only the first request asks for thinking: what signs it is lost on the way back. */
  readonly losesThinkingIn?: readonly ProviderType[];
  /** It looks for packages of plugins, which no setting of it stops, and does without. */
  readonly looksForPackages?: true;
  /** The services its session goes through; absent: all four. */
  readonly rounds?: readonly ProviderType[];
}

/** On a machine that does other things as well: a program starts in one to five seconds when it is alone. */
export const PROGRAM_LIMIT_MS = 120_000;
export const SESSION_LIMIT_MS = 300_000;

const TYPES: readonly ProviderType[] = ['gemini', 'anthropic', 'openai', 'openai-response'];

/** A program before each of the four dialects, and one session of it that goes from one to the other. */
export function clientSuite(client: ClientUnderTest): void {
  const { name, tools, run, lastWordsOf, asksNoThinkingIn, losesThinkingIn, looksForPackages, rounds } = client;
  let target: Target;
  let folder: string;
  let home: string;
  beforeAll(async () => {
    target = await createTarget('proxycast', { checksSignatures: true });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    folder = await mkdtemp(join(tmpdir(), 'proxycast-client-work-'));
    home = await mkdtemp(join(tmpdir(), 'proxycast-client-home-'));
    await layOutTask(folder);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(home, { recursive: true, force: true });
  });

  describe(name, () => {
    test.each(TYPES)(
      'before %s reads two files at once, writes one and ends well',
      async (type) => {
        const { model } = await target.provide(type);
        target.upstream.respond(scriptModel([twoWordsTask(tools, folder)]));
        const end = await run({ ...target, model, folder, home, prompt: TASK_PROMPT });

        expectNoViolations(target.upstream);
        expect({ exitCode: end.exitCode, stderr: end.stderr, said: lastWordsOf(end) }).toMatchObject({
          exitCode: 0,
          said: TASK_LAST_WORDS,
        });
        await expectTaskDone(folder);
        // One request per turn of the model, beside titles and the like: nothing was tried again on the way.
        const turns = target.upstream.requests.filter(offersTools);
        expect(turns).toHaveLength(3);
        const asking = losesThinkingIn?.includes(type) === true ? 1 : 3;
        if (asksNoThinkingIn?.includes(type) !== true) expectThinkingAsked(turns.slice(0, asking));
        const isPackages = (host: string): boolean => looksForPackages === true && host.startsWith('registry.');
        expect(end.calledHome.filter((host) => !isPackages(host))).toEqual([]);
      },
      PROGRAM_LIMIT_MS,
    );

    test(
      'a session goes from service to service, through a restart of ProxyCast',
      async () => {
        await runSessionRounds(
          target,
          folder,
          tools,
          async ({ index, model, prompt }) =>
            lastWordsOf(await run({ ...target, model, folder, home, prompt, resumes: index > 0 })),
          rounds,
        );
      },
      SESSION_LIMIT_MS,
    );
  });
}
