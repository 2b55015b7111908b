import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SESSION_LIMIT_MS } from '../support/client-suite.ts';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';
import { runClaudeCode } from '../support/run-claude-code.ts';
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

const TOOLS: TaskTools = {
  readBoth: (one, two) => [one, two].map((path) => ({ name: 'Read', input: { file_path: path } })),
  write: (path, content) => ({ name: 'Write', input: { file_path: path, content } }),
};
const ALLOWED = ['Read', 'Write'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxycast-claude-work-'));
  await layOutTask(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Claude Code, which speaks Anthropic's dialect alone, before models that speak another. */
describe.each(['anthropic', 'openai', 'openai-response', 'gemini'] satisfies ProviderType[])(
  'Claude Code before %s',
  (type) => {
    let target: Target;
    beforeAll(async () => {
      target = await createTarget('proxycast', { checksSignatures: true });
    });
    afterAll(() => target?.close());

    test('reads two files at once, writes one and ends well, thinking all the way', async () => {
      const { model } = await target.provide(type);
      target.upstream.respond(scriptModel([twoWordsTask(TOOLS, folder)]));
      const { exitCode, result, events, stderr, calledHome } = await runClaudeCode({
        ...target,
        auth: 'api-key',
        model,
        folder,
        prompt: TASK_PROMPT,
        allowedTools: ALLOWED,
        thinkingTokens: 4000,
      });

      expectNoViolations(target.upstream);
      expect({ exitCode, stderr, result }).toMatchObject({
        exitCode: 0,
        result: { type: 'result', subtype: 'success', is_error: false, result: TASK_LAST_WORDS },
      });
      await expectTaskDone(folder);
      // One request per turn of the model: nothing was tried again on the way.
      expect(target.upstream.requests).toHaveLength(3);
      expectThinkingAsked(target.upstream.requests);
      const shown = events
        .filter((event) => event.type === 'assistant')
        .flatMap((event) => blocksOf(readObject(event.message)));
      // An empty one carries the signature of the call behind it.
      const thoughts = shown.filter((block) => block.type === 'thinking' && block.thinking !== '');
      expect(thoughts.map((block) => block.thinking)).toEqual(TASK_THOUGHTS);
      expect(shown.filter((block) => block.type === 'tool_use').map((block) => block.name)).toEqual([
        'Read',
        'Read',
        'Write',
      ]);
      expect(calledHome).toEqual([]);
    });
  },
);

test(
  'a session of Claude Code goes from service to service, through a restart of ProxyCast',
  async () => {
    const target = await createTarget('proxycast', { checksSignatures: true });
    const home = await mkdtemp(join(tmpdir(), 'proxycast-claude-home-'));
    try {
      await runSessionRounds(target, folder, TOOLS, async ({ index, model, prompt }) => {
        const run = { model, prompt, folder, home, resumes: index > 0, allowedTools: ALLOWED, thinkingTokens: 4000 };
        const { result } = await runClaudeCode({ ...target, ...run, auth: 'auth-token' });
        return String(result?.result);
      });
    } finally {
      await target.close();
      await rm(home, { recursive: true, force: true });
    }
  },
  SESSION_LIMIT_MS,
);

type Fields = Readonly<Record<string, unknown>>;

function blocksOf(message: Fields): readonly Fields[] {
  return Array.isArray(message.content) ? message.content.map(readObject) : [];
}
