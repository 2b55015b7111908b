import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type RecordedRequest, reply } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, type ProviderType, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';
import { runClaudeCode } from '../support/run-claude-code.ts';

const LAST_WORDS = 'Done: both words stand in summary.txt.';

/** Claude Code, which speaks Anthropic's dialect alone, before models that speak another. */
describe.each(['openai', 'openai-response', 'gemini'] satisfies ProviderType[])('Claude Code before %s', (type) => {
  let target: Target;
  let folder: string;

  beforeAll(async () => {
    target = await createTarget('proxycast', { checksSignatures: true });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    folder = await mkdtemp(join(tmpdir(), 'proxycast-claude-work-'));
    await writeFile(join(folder, 'one.txt'), 'Nothing here.\nThe first word is plover-Ü.\n');
    await writeFile(join(folder, 'two.txt'), 'The second word is 漢字 "quoted" \\ back.\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('reads two files at once, writes one, edits it and ends well, thinking all the way', async () => {
    const { model } = await target.provide(type);
    target.upstream.respond((request) => scriptedModel(request, folder));
    const { exitCode, result, events, stderr } = await runClaudeCode({
      baseUrl: target.baseUrl,
      key: target.key,
      auth: 'api-key',
      model,
      folder,
      prompt: 'Find the words in one.txt and two.txt, and write both to summary.txt, the second one last. Think hard.',
      allowedTools: ['Read', 'Write', 'Edit'],
      thinkingTokens: 4000,
    });

    expectNoViolations(target.upstream);
    expect({ exitCode, stderr, result }).toMatchObject({
      exitCode: 0,
      result: { type: 'result', subtype: 'success', is_error: false, result: LAST_WORDS },
    });
    expect(await readFile(join(folder, 'summary.txt'), 'utf8')).toBe('plover-Ü\n漢字 "quoted" \\ back\n');
    // One request per turn of the model: nothing was tried again on the way.
    expect(target.upstream.requests).toHaveLength(4);
    const shown = events
      .filter((event) => event.type === 'assistant')
      .flatMap((event) => blocksOf(readObject(event.message)));
    // An empty one carries the signature of the call behind it.
    const thoughts = shown.filter((block) => block.type === 'thinking' && block.thinking !== '');
    expect(thoughts.map((block) => block.thinking)).toEqual([
      'Both files at once.',
      'Now the summary.',
      'The second word is missing.',
    ]);
    expect(shown.filter((block) => block.type === 'tool_use').map((block) => block.name)).toEqual([
      'Read',
      'Read',
      'Write',
      'Edit',
      'Read',
    ]);
    const first = JSON.stringify(target.upstream.requests[0]?.json);
    expect(first).toContain('Think hard');
    expect(first).toMatch(/reasoning|thinkingConfig|thinking_config/);
  });
});

/** What the model would do, told from how far the conversation is. */
function scriptedModel(request: RecordedRequest, folder: string): Answer {
  const summary = join(folder, 'summary.txt');
  const text = JSON.stringify(request.json);
  switch (turnsOfModel(request)) {
    case 0:
      return reply.message({
        thinking: 'Both files at once.',
        text: 'I read them.',
        calls: [
          { name: 'Read', input: { file_path: join(folder, 'one.txt') } },
          { name: 'Read', input: { file_path: join(folder, 'two.txt') } },
        ],
      });
    case 1: {
      // What it read has to come through, or the file on disk will be wrong.
      const word = /first word is ([^ .]+)\./.exec(text)?.[1] ?? 'no word';
      return reply.message({
        thinking: 'Now the summary.',
        calls: [{ name: 'Write', input: { file_path: summary, content: `${word}\n` } }],
      });
    }
    case 2: {
      const second = text.includes('second word is 漢字') ? '漢字 "quoted" \\ back' : 'no word';
      return reply.message({
        thinking: 'The second word is missing.',
        text: 'Once more.',
        calls: [
          {
            name: 'Edit',
            input: { file_path: summary, old_string: 'plover-Ü\n', new_string: `plover-Ü\n${second}\n` },
          },
          { name: 'Read', input: { file_path: join(folder, 'two.txt') } },
        ],
      });
    }
    default:
      return reply.text(LAST_WORDS);
  }
}

/** How often the model has called tools: each dialect says it in its own way. */
function turnsOfModel({ json }: RecordedRequest): number {
  const { messages, input, contents } = readObject(json);
  const turns = [messages, input, contents].find(Array.isArray)?.map(readObject) ?? [];
  if (messages !== undefined) return turns.filter((turn) => turn.tool_calls !== undefined).length;
  if (contents !== undefined) {
    return turns.filter((turn) => turn.role === 'model' && JSON.stringify(turn).includes('"functionCall"')).length;
  }
  const isCall = turns.map((turn) => turn.type === 'function_call');
  return isCall.filter((call, index) => call && isCall[index + 1] !== true).length;
}

type Fields = Readonly<Record<string, unknown>>;

function blocksOf(message: Fields): readonly Fields[] {
  return Array.isArray(message.content) ? message.content.map(readObject) : [];
}
