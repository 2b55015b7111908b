import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScriptedCall } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_LIMIT_MS } from '../support/client-suite.ts';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import type { ModelRequest } from '../support/read-conversation.ts';
import { lastWordsOf, runCodex } from '../support/run-codex.ts';
import { scriptModel } from '../support/script-model.ts';
import { runSessionRounds } from '../support/session-rounds.ts';
import {
  expectTaskDone,
  expectThinkingAsked,
  layOutTask,
  TASK_LAST_WORDS,
  TASK_PROMPT,
  TASK_THOUGHTS,
  type TaskTools,
  twoWordsTask,
} from '../support/two-words-task.ts';

/** With a model it does not know Codex offers its tools as functions. */
const FUNCTIONS: TaskTools = {
  readBoth: (one, two) => [one, two].map((path) => ({ name: 'exec_command', input: { cmd: `cat '${path}'` } })),
  write: (path, content) => ({ name: 'exec_command', input: { cmd: writeCommand(path, content) } }),
};

/** With the newest models it offers one tool that takes a program, in a namespace. */
const PROGRAMS: TaskTools = {
  readBoth: (one, two, request) => [
    program(
      `const run = (cmd) => tools.exec_command({ cmd });
for (const { output } of await Promise.all([run(${JSON.stringify(`cat '${one}'`)}), run(${JSON.stringify(`cat '${two}'`)})])) text(output);`,
      request,
    ),
  ],
  write: (path, content, request) =>
    program(`await tools.exec_command({ cmd: ${JSON.stringify(writeCommand(path, content))} }); text('ok');`, request),
};

const writeCommand = (path: string, content: string): string => `cat > '${path}' <<'END'\n${content}END`;

function program(source: string, { dialect }: ModelRequest): ScriptedCall {
  const call = { input: { input: source }, freeText: source };
  return dialect === 'responses'
    ? { ...call, name: 'exec', namespace: 'functions' }
    : { ...call, name: 'functions__exec' };
}

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxycast-codex-work-'));
  home = await mkdtemp(join(tmpdir(), 'proxycast-codex-home-'));
  await layOutTask(folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(home, { recursive: true, force: true });
});

describe.each(['openai-response', 'anthropic', 'openai', 'gemini'] satisfies ProviderType[])(
  'Codex before %s',
  (type) => {
    let target: Target;
    beforeAll(async () => {
      target = await createTarget('proxycast', { checksSignatures: true });
    });
    afterAll(() => target?.close());

    test.each([
      { name: 'a model it does not know', tools: FUNCTIONS },
      { name: 'gpt-5.6-sol', tools: PROGRAMS, alias: 'gpt-5.6-sol' },
    ])('reads two files at once, writes one and ends well, with $name', async ({ tools, alias }) => {
      target.upstream.reset();
      const { model } = await target.provide(type, alias === undefined ? {} : { model: alias });
      target.upstream.respond(scriptModel([twoWordsTask(tools, folder)]));
      const end = await runCodex({ ...target, model, folder, home, prompt: TASK_PROMPT });

      expectNoViolations(target.upstream);
      expect({ exitCode: end.exitCode, said: lastWordsOf(end), stderr: end.stderr }).toMatchObject({
        exitCode: 0,
        said: TASK_LAST_WORDS,
      });
      await expectTaskDone(folder);
      expect(target.upstream.requests).toHaveLength(3);
      expectThinkingAsked(target.upstream.requests);
      const items = end.events.filter((event) => event.type === 'item.completed').map(({ item }) => item);
      for (const text of TASK_THOUGHTS)
        expect(items).toContainEqual(expect.objectContaining({ type: 'reasoning', text }));
      expect(end.events.at(-1)).toMatchObject({
        type: 'turn.completed',
        usage: { input_tokens: 360, cached_input_tokens: 60, output_tokens: 90 },
      });
      expect(end.calledHome).toEqual([]);
    });
  },
);

test(
  'a session of Codex goes from service to service, through a restart of ProxyCast',
  async () => {
    const target = await createTarget('proxycast', { checksSignatures: true });
    try {
      await runSessionRounds(target, folder, FUNCTIONS, async ({ index, model, prompt }) =>
        lastWordsOf(await runCodex({ ...target, model, folder, home, prompt, resumes: index > 0 })),
      );
    } finally {
      await target.close();
    }
  },
  SESSION_LIMIT_MS,
);
