import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFakeUpstream, type FakeUpstream } from '../fake-upstream/create-fake-upstream.ts';
import { createAzureService } from './create-azure-service.ts';

const CHAT = { messages: [{ role: 'user', content: 'Hi' }] };
const KEY = { 'api-key': 'azure-key' };
const CLASSIC = '/openai/deployments/mine/chat/completions';

let upstream: FakeUpstream;
beforeAll(async () => {
  const service = createAzureService({ deployments: ['mine', 'gpt-5-mine', 'claude-mine'] });
  upstream = await createFakeUpstream({ service, keys: ['azure-key', 'eyJa.b.c'] });
});
afterAll(() => upstream.close());
beforeEach(() => upstream.reset());

async function ask(path: string, headers: Readonly<Record<string, string>>, body: object) {
  const response = await fetch(upstream.baseUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each([
  [`${CLASSIC}?api-version=2024-10-21`, KEY, CHAT],
  [`${CLASSIC}?api-version=2024-10-21`, { authorization: 'Bearer eyJa.b.c' }, CHAT],
  ['/openai/v1/chat/completions', KEY, { ...CHAT, model: 'mine' }],
  ['/openai/v1/chat/completions?api-version=preview', KEY, { ...CHAT, model: 'mine' }],
  ['/openai/responses?api-version=2025-03-01-preview', KEY, { model: 'mine', input: 'Hi' }],
  ['/openai/v1/responses', KEY, { model: 'mine', input: 'Hi' }],
  [
    '/anthropic/v1/messages',
    { 'x-api-key': 'azure-key', 'anthropic-version': '2023-06-01' },
    { ...CHAT, model: 'claude-mine', max_tokens: 9 },
  ],
])('takes %s with %o', async (path, headers, body) => {
  const { status, text } = await ask(path, { ...headers }, body);
  expect(status, text).toBe(200);
  expect(upstream.violations).toEqual([]);
});

test.each([
  ['no api-version', CLASSIC, KEY, CHAT, 404, 'Resource not found'],
  ['an api-version that is no date', `${CLASSIC}?api-version=v1`, KEY, CHAT, 404, 'Resource not found'],
  ['Responses before their time', '/openai/responses?api-version=2024-10-21', KEY, { model: 'mine' }, 404, 'Resource'],
  ['a date in the v1 form', '/openai/v1/chat/completions?api-version=2024-10-21', KEY, CHAT, 404, 'Resource'],
  ['no key', `${CLASSIC}?api-version=2024-10-21`, {}, CHAT, 401, 'invalid subscription key'],
  ['a key as a token', `${CLASSIC}?api-version=2024-10-21`, { authorization: 'Bearer azure-key' }, CHAT, 401, '401'],
  ['another key', `${CLASSIC}?api-version=2024-10-21`, { 'api-key': 'other' }, CHAT, 401, '401'],
  ['OpenAI’s own path', '/v1/chat/completions', KEY, { ...CHAT, model: 'mine' }, 404, 'Unknown request URL'],
  ['an unknown field', `${CLASSIC}?api-version=2024-10-21`, KEY, { ...CHAT, top_k: 3 }, 400, 'top_k'],
  [
    'sampling of a model that always reasons',
    '/openai/v1/chat/completions',
    KEY,
    { ...CHAT, model: 'gpt-5-mine', temperature: 0.5 },
    400,
    'temperature',
  ],
  [
    'the old bound of a model that always reasons',
    `${CLASSIC.replace('mine', 'gpt-5-mine')}?api-version=2024-10-21`,
    KEY,
    { ...CHAT, max_tokens: 9 },
    400,
    'max_tokens',
  ],
  ['no deployment in the v1 form', '/openai/v1/chat/completions', KEY, CHAT, 404, 'DeploymentNotFound'],
])('refuses %s', async (_name, path, headers, body, status, words) => {
  const answer = await ask(path, { ...headers }, body);
  expect(answer).toMatchObject({ status, text: expect.stringContaining(words) });
});

test.each([
  [`${CLASSIC.replace('mine', 'gone')}?api-version=2024-10-21`, CHAT],
  ['/openai/v1/chat/completions', { ...CHAT, model: 'gone' }],
])('a deployment that is not there is no violation, and is told: %s', async (path, body) => {
  const answer = await ask(path, KEY, body);
  expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('DeploymentNotFound') });
  expect(upstream.violations).toEqual([]);
});

test('a stream begins with the marks of the filter, before any choice', async () => {
  const { text } = await ask(`${CLASSIC}?api-version=2024-10-21`, KEY, { ...CHAT, stream: true });
  const [first = '', second = ''] = text.split('\n\n');
  expect(JSON.parse(first.slice(6))).toMatchObject({ choices: [], id: '', prompt_filter_results: [{}] });
  expect(JSON.parse(second.slice(6))).toMatchObject({ choices: [{ content_filter_results: {} }] });
});
