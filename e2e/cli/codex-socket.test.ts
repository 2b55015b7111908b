import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTap } from '../support/create-tap.ts';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { lastWordsOf, runCodex } from '../support/run-codex.ts';
import { scriptModel } from '../support/script-model.ts';
import { expectTaskDone, layOutTask, TASK_LAST_WORDS, TASK_PROMPT, twoWordsTask } from '../support/two-words-task.ts';

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
  'Codex over a socket before %s',
  (type) => {
    let target: Target;
    beforeAll(async () => {
      target = await createTarget('proxycast', { checksSignatures: true });
    });
    afterAll(() => target?.close());

    test('ends the task, every turn over a socket and none by HTTP', async () => {
      await using tap = await createTap(target.baseUrl);
      const { model } = await target.provide(type);
      target.upstream.respond(
        scriptModel([
          twoWordsTask(
            {
              readBoth: (one, two) =>
                [one, two].map((path) => ({ name: 'exec_command', input: { cmd: `cat '${path}'` } })),
              write: (path, content) => ({
                name: 'exec_command',
                input: { cmd: `cat > '${path}' <<'END'\n${content}END` },
              }),
            },
            folder,
          ),
        ]),
      );
      const end = await runCodex({
        ...target,
        baseUrl: tap.baseUrl,
        model,
        folder,
        home,
        prompt: TASK_PROMPT,
        isSocket: true,
      });
      expectNoViolations(target.upstream);
      expect({ exitCode: end.exitCode, said: lastWordsOf(end), stderr: end.stderr }).toMatchObject({
        exitCode: 0,
        said: TASK_LAST_WORDS,
      });
      await expectTaskDone(folder);
      expect(target.upstream.requests).toHaveLength(3);
      expect(tap.asked).toContain('GET /v1/responses upgrade');
      expect(tap.asked).not.toContain('POST /v1/responses');
    });
  },
);
