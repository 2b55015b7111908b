import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addHost, PROVIDER_HOSTS, type ProviderHost, type ProviderHostName } from '../support/provider-hosts.ts';
import { readObject } from '../support/read-object.ts';
import { runClaudeCode } from '../support/run-claude-code.ts';
import { scriptModel } from '../support/script-model.ts';
import {
  expectTaskDone,
  expectThinkingAsked,
  layOutTask,
  TASK_LAST_WORDS,
  TASK_PROMPT,
  TASK_THOUGHTS,
  twoWordsTask,
} from '../support/two-words-task.ts';

const TOOLS: Parameters<typeof twoWordsTask>[0] = {
  readBoth: (one, two) => [one, two].map((path) => ({ name: 'Read', input: { file_path: path } })),
  write: (path, content) => ({ name: 'Write', input: { file_path: path, content } }),
};

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** Claude Code before models that a cloud sells, in the dialect and by the key of that cloud. */
describe.each([
  'azure-openai, deployments',
  'azure-openai, v1',
  'azure-openai, Claude',
  'aws-bedrock, signed',
  'aws-bedrock, bearer',
  'vertexai, Claude by service account',
] satisfies ProviderHostName[])('Claude Code before %s', (name) => {
  let host: ProviderHost;
  let folder: string;

  beforeAll(async () => {
    const id = `fake-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
    host = await PROVIDER_HOSTS[name]({ name: id, forbidden: [server.clientKey, server.adminToken] });
    await addHost(server, id, host);
  });
  afterAll(() => host?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proxycast-claude-work-'));
    await layOutTask(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('reads two files at once, writes one and ends well, thinking all the way', async () => {
    host.respond(scriptModel([twoWordsTask(TOOLS, folder)]));
    const { exitCode, result, events, stderr } = await runClaudeCode({
      baseUrl: server.baseUrl,
      key: server.clientKey,
      auth: 'auth-token',
      model: host.model,
      folder,
      prompt: TASK_PROMPT,
      allowedTools: ['Read', 'Write'],
      thinkingTokens: 4000,
    });

    expect(host.violations()).toEqual([]);
    expect({ exitCode, stderr, result }).toMatchObject({
      exitCode: 0,
      result: { type: 'result', subtype: 'success', is_error: false, result: TASK_LAST_WORDS },
    });
    await expectTaskDone(folder);
    // One request per turn of the model: nothing was tried again on the way.
    expect(host.requests()).toHaveLength(3);
    expectThinkingAsked(host.requests());
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
  });
});

type Fields = Readonly<Record<string, unknown>>;

function blocksOf(message: Fields): readonly Fields[] {
  return Array.isArray(message.content) ? message.content.map(readObject) : [];
}
