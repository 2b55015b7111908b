import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { reply } from '../fake-upstream/answer.ts';
import { createFakeUpstream, type FakeUpstream } from '../fake-upstream/create-fake-upstream.ts';
import { createOllamaService } from './create-ollama-service.ts';

const CHAT = { model: 'm:8b', messages: [{ role: 'user', content: 'Hi' }] };

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await createFakeUpstream({ service: createOllamaService({ models: ['m:8b'] }), models: ['m:8b'] });
});
afterAll(() => upstream.close());
beforeEach(() => upstream.reset());

async function ask(path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(upstream.baseUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each([false, true])('says its reasoning as reasoning, streaming: %j, and takes it back', async (isStream) => {
  upstream.respond(reply.message({ thinking: 'so', text: 'Hi.' }));
  const { text } = await ask('/v1/chat/completions', { ...CHAT, stream: isStream });
  expect(text).toContain('"reasoning":"so"');
  expect(text).not.toContain('reasoning_content');
  const messages = [...CHAT.messages, { role: 'assistant', content: 'Hi.', reasoning: 'so' }, ...CHAT.messages];
  expect((await ask('/v1/chat/completions', { ...CHAT, messages })).status).toBe(200);
  expect(upstream.violations).toEqual([]);
});

test('needs no key, speaks Messages too, and lists its models', async () => {
  const message = { ...CHAT, max_tokens: 9 };
  expect((await ask('/v1/messages', message, { 'anthropic-version': '2023-06-01' })).status).toBe(200);
  const list = await fetch(`${upstream.baseUrl}/api/tags`);
  expect(await list.json()).toMatchObject({ models: [{ name: 'm:8b' }] });
  expect(upstream.violations).toEqual([]);
});

test.each([
  ['a model that is not there', '/v1/chat/completions', { ...CHAT, model: 'gone' }, 404, 'not found'],
  ['an effort it does not know', '/v1/chat/completions', { ...CHAT, reasoning_effort: 'minimal' }, 400, 'reasoning'],
  ['an unknown field', '/v1/chat/completions', { ...CHAT, top_k: 3 }, 400, 'top_k'],
  [
    'a picture by its address',
    '/v1/chat/completions',
    {
      ...CHAT,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a/b.png' } }] }],
    },
    400,
    'invalid image input',
  ],
  [
    'a picture by its address in Messages',
    '/v1/messages',
    {
      ...CHAT,
      max_tokens: 9,
      messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }] }],
    },
    400,
    'invalid image source',
  ],
  ['Responses', '/v1/responses', { model: 'm:8b', input: 'Hi' }, 404, 'Unknown'],
])('refuses %s', async (_name, path, body, status, words) => {
  const headers = { 'anthropic-version': '2023-06-01' };
  expect(await ask(path, body, headers)).toMatchObject({ status, text: expect.stringContaining(words) });
});
