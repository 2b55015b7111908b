import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { startFront } from '../testing/start-front.ts';

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
};

test('a file put into the home folder changes how a provider is spoken to, without a restart', async () => {
  const home = mkdtempSync(join(tmpdir(), 'proxycast-home-'));
  await using front = await startFront(() => ({ status: 200, body: ANSWER }));
  await using app = await startApp({ home });
  try {
    await app.addProvider({ id: 'own', type: 'openai', api_host: `${front.baseUrl}/v1`, models: ['m'] }, 'sk-1');
    const ask = async () => {
      const response = await fetch(`${app.baseUrl}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
        body: '{"model":"m","max_completion_tokens":9,"messages":[{"role":"developer","content":"be brief"},{"role":"user","content":"hi"}]}',
      });
      expect(response.status).toBe(200);
      return front.requests.at(-1)?.body ?? {};
    };
    // The plain dialect passes as it is.
    expect(await ask()).toMatchObject({
      max_completion_tokens: 9,
      messages: [{ role: 'developer' }, { role: 'user' }],
    });

    mkdirSync(join(home, 'protocols'));
    writeFileSync(
      join(home, 'protocols', 'house.json'),
      JSON.stringify({
        id: 'house',
        base: 'openai',
        vendors: ['own'],
        quirks: { output_bound: 'max_tokens', developer_role: false },
      }),
    );
    await vi.waitFor(
      async () =>
        expect(await ask()).toMatchObject({ max_tokens: 9, messages: [{ role: 'system' }, { role: 'user' }] }),
      { timeout: 10_000, interval: 300 },
    );
    expect(await ask()).not.toHaveProperty('max_completion_tokens');
  } finally {
    await app.stop();
    rmSync(home, { recursive: true, force: true });
  }
});

test('a free-text tool that a variant does not know comes back as the client declared it', async () => {
  await using front = await startFront(({ body }) => {
    const { tools } = body as {
      readonly tools: readonly { readonly type: string; readonly function: { readonly name: string } }[];
    };
    const called = {
      id: 'call_1',
      type: 'function',
      function: { name: tools[0]?.function.name, arguments: '{"input":"*** patch"}' },
    };
    return {
      status: tools.every(({ type }) => type === 'function') ? 200 : 400,
      body: {
        ...ANSWER,
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content: null, tool_calls: [called] },
            finish_reason: 'tool_calls',
          },
        ],
      },
    };
  });
  await using app = await startApp();
  const changed = await app.admin('PATCH', '/providers/deepseek', { api_host: `${front.baseUrl}/` });
  expect(changed.status).toBe(200);
  expect((await app.admin('POST', '/providers/deepseek/keys', { key: 'sk-1' })).status).toBe(201);
  const response = await fetch(`${app.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'deepseek/deepseek-chat',
      messages: [{ role: 'user', content: 'patch it' }],
      tools: [{ type: 'custom', custom: { name: 'apply_patch', description: 'applies a patch' } }],
    }),
  });
  const answer = await response.text();
  expect(response.status, answer).toBe(200);
  expect(JSON.parse(answer)).toMatchObject({
    choices: [{ message: { tool_calls: [{ type: 'custom', custom: { name: 'apply_patch', input: '*** patch' } }] } }],
  });
});
