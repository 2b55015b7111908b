import { createFakeUpstream, type FakeUpstream, reply } from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;
let limitedKey = '';

beforeAll(async () => {
  upstream = await createFakeUpstream({ forbidden: [CLIENT_KEY], checks: 'none' });
  app = await startApp();
  await app.addProvider({ id: 'only', type: 'openai', api_host: upstream.baseUrl, models: ['cheap', 'dear'] }, 'key-1');
  await app.addProvider({ id: 'google', type: 'gemini', api_host: upstream.baseUrl, models: ['g'] }, 'key-1');
  const { body } = await app.admin('POST', '/client-keys', { name: 'limited', allowed_models: ['cheap'] });
  limitedKey = String(Object(body).key);
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  upstream.respond(reply.text('ok'));
});

const CHAT = DIALECTS[0];

function post(
  path: string,
  body: string | FormData,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(app.baseUrl + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${CLIENT_KEY}`,
      ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    body,
  });
}

test.each(['_abcdefgh', '-abcdefgh', '........', ' ', 'a'.repeat(5000), '%00%00%00%00', 'ünïcode-id'])(
  'the request id %j from outside does no harm',
  async (id) => {
    const response = await fetch(`${app.baseUrl}/v1/models`, {
      headers: { 'x-request-id': Buffer.from(id).toString('latin1') },
    });
    expect(response.status).toBe(401);
    expect((await fetch(`${app.baseUrl}/health`)).status).toBe(200);
  },
);

test.each(['m\\ud800', 'a\\u0000b', 'x\\r\\ny', '\\u007f'])('a model named %s is refused by name', async (model) => {
  const response = await post('/v1/chat/completions', `{"model":"only/${model}","messages":[]}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_model', param: 'model' } });
  expect(upstream.requests).toHaveLength(0);
});

test('a client key in the query never travels, however its name is written', async () => {
  const body = JSON.stringify(DIALECTS.find(({ id }) => id === 'gemini')?.body('g', false));
  for (const name of ['key', '%6Bey', 'k%65y', '%6b%65%79']) {
    const response = await fetch(`${app.baseUrl}/v1beta/models/g:generateContent?${name}=${CLIENT_KEY}&alt=json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status, name).toBe(200);
  }
  expect(upstream.requests).toHaveLength(4);
  expect(upstream.violations).toEqual([]);
  for (const { query } of upstream.requests) expect([...query.keys()]).toEqual(['alt']);
});

test.each([
  ['twice', (pad: string) => `{"model":"cheap","messages":[${pad}],"model":"dear"}`],
  ['twice, once with escapes', (pad: string) => `{"model":"cheap","messages":[${pad}],"mod\\u0065l":"dear"}`],
  [
    'again behind a break that a lenient parser forgives',
    (pad: string) => `{"model":"cheap","messages":[${pad}],/**/"model":"dear"}`,
  ],
])('a key limited to one model cannot reach another by naming it %s', async (_name, write) => {
  for (const pad of ['', JSON.stringify({ role: 'user', content: 'x'.repeat(100_000) })]) {
    const response = await post('/v1/chat/completions', write(pad), { authorization: `Bearer ${limitedKey}` });
    expect(response.status).toBeGreaterThanOrEqual(400);
    await response.text();
  }
  expect(upstream.requests).toHaveLength(0);
});

test('nor in a form', async () => {
  const form = new FormData();
  form.append('model', 'cheap');
  form.append('file', new Blob(['x']), 'a.wav');
  form.append('model', 'dear');
  const response = await post('/v1/audio/transcriptions', form, { authorization: `Bearer ${limitedKey}` });
  expect(response.status).toBe(400);
  expect(upstream.requests).toHaveLength(0);
});

test('a vendor key that HTTP cannot carry is named as what it is', async () => {
  await app.addProvider({ id: 'odd', type: 'openai', api_host: upstream.baseUrl, models: ['odd-model'] });
  const added = await app.admin('POST', '/providers/odd/keys', { key: 'sk-…abc' });
  if (added.status >= 400) return;
  const response = await post('/v1/chat/completions', JSON.stringify(CHAT?.body('odd-model', false)));
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_call_invalid' } });
});
