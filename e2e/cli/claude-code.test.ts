import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, createGate, type RecordedRequest, reply } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTarget, TARGETS, type Target } from '../support/create-target.ts';
import { expectNoViolations } from '../support/expect-no-violations.ts';
import { readObject } from '../support/read-object.ts';
import { type ClaudeCodeRun, runClaudeCode } from '../support/run-claude-code.ts';

const LAST_WORDS = 'Done: the word stands in summary.txt, twice.';

describe.each(TARGETS)('Claude Code against %s', (name) => {
  let target: Target;
  let folder: string;
  let run: Omit<ClaudeCodeRun, 'auth'>;

  beforeAll(async () => {
    target = await createTarget(name, { checksSignatures: true });
  });
  afterAll(() => target?.close());
  beforeEach(async () => {
    target.upstream.reset();
    folder = await mkdtemp(join(tmpdir(), 'proxycast-claude-work-'));
    await writeFile(join(folder, 'notes.txt'), 'Nothing here.\nThe magic word is plover-Ü.\n');
    const { model } = await target.provide('anthropic');
    run = {
      baseUrl: target.baseUrl,
      key: target.key,
      model,
      folder,
      prompt: 'Find the magic word in notes.txt, write it to summary.txt, then write it there a second time.',
      allowedTools: ['Read', 'Write', 'Edit'],
    };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test.each(['api-key', 'auth-token'] as const)(
    'reads a file, writes one, edits it and ends well, with its key as %s',
    async (auth) => {
      target.upstream.respond((request) => scriptedModel(request, folder));
      const { exitCode, result, events, stderr } = await runClaudeCode({ ...run, auth });

      expectNoViolations(target.upstream);
      expect({ exitCode, stderr, result }).toMatchObject({
        exitCode: 0,
        result: { type: 'result', subtype: 'success', is_error: false, result: LAST_WORDS },
      });
      expect(await readFile(join(folder, 'summary.txt'), 'utf8')).toBe('plover-Ü\nplover-Ü\n');
      expect(events.filter((event) => event.type === 'assistant').length).toBeGreaterThanOrEqual(5);
      // One request per turn of the model: nothing was retried on the way.
      expect(target.upstream.requests).toHaveLength(4);
      const lastTurns = messagesOf(target.upstream.requests.at(-1));
      // The two parallel calls came back as two results in one turn, in their order.
      const results = blocksOf(lastTurns.at(-1)).filter((block) => block.type === 'tool_result');
      expect(results.map((block) => block.tool_use_id)).toEqual(['toolu_edit', 'toolu_reread']);
    },
  );

  test('an overloaded upstream is tried again, and the task ends well', async () => {
    target.upstream.enqueue([reply.error({ status: 529, headers: { 'retry-after': '1' } })]);
    target.upstream.respond(reply.text('Nothing to do.'));
    const { exitCode, result } = await runClaudeCode({
      ...run,
      auth: 'api-key',
      prompt: 'Say that there is nothing to do.',
    });
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { subtype: 'success', result: 'Nothing to do.' },
    });
    expectNoViolations(target.upstream);
  });

  test('a wrong key ends in an error that says so', async () => {
    const { exitCode, result } = await runClaudeCode({ ...run, key: 'sk-wrong', auth: 'api-key' });
    expect(exitCode).toBe(1);
    expect(result).toMatchObject({ is_error: true, api_error_status: 401 });
  });

  test('a person who interrupts it ends the upstream call', async () => {
    const gate = createGate();
    target.upstream.respond(reply.text('one two three four', { beforeChunk: gate }));
    const abort = new AbortController();
    const running = runClaudeCode({ ...run, auth: 'api-key', signal: abort.signal });
    const request = await target.upstream.waitForRequest(1);
    gate.release(4);
    await gate.arrived(5);
    abort.abort();
    await running;
    expect(await request.ended).toEqual({ type: 'aborted-by-peer' });
  });
});

/** What the model would do, told from how far the conversation is. */
function scriptedModel(request: RecordedRequest, folder: string): Answer {
  const turns = messagesOf(request);
  const answered = turns.filter((message) => message.role === 'assistant').length;
  const summary = join(folder, 'summary.txt');
  switch (answered) {
    case 0:
      return reply.message({
        thinking: 'The notes first.',
        text: 'I read the notes.',
        calls: [{ id: 'toolu_read', name: 'Read', input: { file_path: join(folder, 'notes.txt') } }],
      });
    case 1: {
      // What it read has to come through, or the file on disk will be wrong.
      const word = /magic word is (\S+)\./.exec(JSON.stringify(turns.at(-1)?.content))?.[1] ?? 'no word';
      return reply.message({
        thinking: 'Now the summary.',
        calls: [{ id: 'toolu_write', name: 'Write', input: { file_path: summary, content: `${word}\n` } }],
      });
    }
    case 2:
      return reply.message({
        text: 'Once more.',
        calls: [
          {
            id: 'toolu_edit',
            name: 'Edit',
            input: { file_path: summary, old_string: 'plover-Ü\n', new_string: 'plover-Ü\nplover-Ü\n' },
          },
          { id: 'toolu_reread', name: 'Read', input: { file_path: join(folder, 'notes.txt') } },
        ],
      });
    default:
      return reply.text(LAST_WORDS);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function messagesOf(request: RecordedRequest | undefined): readonly Fields[] {
  const { messages } = readObject(request?.json);
  return Array.isArray(messages) ? messages.map(readObject) : [];
}

function blocksOf(message: Fields | undefined): readonly Fields[] {
  return Array.isArray(message?.content) ? message.content.map(readObject) : [];
}
