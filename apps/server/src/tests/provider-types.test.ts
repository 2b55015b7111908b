import { generateKeyPairSync } from 'node:crypto';
import { createFakeBedrock, createFakeGoogleTokens } from '@proxycast/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS, type DialectSample } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';
import { type FrontRequest, startFront } from '../testing/start-front.ts';

let app: AppUnderTest;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.stop());

const dialect = (id: string): DialectSample => {
  const found = DIALECTS.find((candidate) => candidate.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
};

const CHAT_ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'from the vendor' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const MESSAGE_ANSWER = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'from the vendor' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
const GEMINI_ANSWER = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'from the vendor' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  modelVersion: 'm',
};

describe('azure-openai', () => {
  const refusal = {
    status: 401,
    body: { error: { code: '401', message: 'Access denied due to invalid subscription key.' } },
  };

  test.each([
    ['2024-10-21', '/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21'],
    [undefined, '/openai/v1/chat/completions'],
    ['preview', '/openai/v1/chat/completions?api-version=preview'],
  ])('with api_version %s calls %s', async (version, path) => {
    await using front = await startFront(({ headers, ...request }) => {
      if (headers['api-key'] !== 'azure-key' || headers.authorization !== undefined) return refusal;
      return request.path === path
        ? { status: 200, body: CHAT_ANSWER }
        : {
            status: 404,
            body: {
              error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' },
            },
          };
    });
    await app.addProvider(
      {
        id: 'az',
        type: 'azure-openai',
        api_host: front.baseUrl,
        models: ['my-deployment'],
        ...(version === undefined ? {} : { api_version: version }),
      },
      'azure-key',
    );
    const answer = await ask(app.baseUrl, dialect('openai'), { model: 'my-deployment' });
    expect(answer.text).toContain('from the vendor');
    expect(front.requests[0]?.body['model']).toBe('my-deployment');
  });

  test('an unknown deployment is named to the client, and the key is not blamed', async () => {
    await using front = await startFront(() => ({
      status: 404,
      body: { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
    }));
    await app.addProvider({ id: 'az', type: 'azure-openai', api_host: front.baseUrl, models: ['gone'] }, 'azure-key');
    const answer = await ask(app.baseUrl, dialect('openai'), { model: 'gone' });
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('DeploymentNotFound');
  });

  test('an Entra ID token goes into authorization', async () => {
    await using front = await startFront(({ headers }) =>
      headers.authorization === 'Bearer eyJa.b.c' && headers['api-key'] === undefined
        ? { status: 200, body: CHAT_ANSWER }
        : refusal,
    );
    await app.addProvider({ id: 'az', type: 'azure-openai', api_host: front.baseUrl, models: ['d'] }, 'eyJa.b.c');
    expect((await ask(app.baseUrl, dialect('openai'), { model: 'd' })).status).toBe(200);
  });
});

describe('vertexai', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const account = (tokenUrl: string, email = 'robot@project.iam.gserviceaccount.com'): string =>
    JSON.stringify({
      type: 'service_account',
      project_id: 'from-the-file',
      private_key_id: 'kid-1',
      private_key: privateKey,
      client_email: email,
      token_uri: tokenUrl,
    });

  test('a service account is exchanged once, and reaches Gemini and Claude models', async () => {
    await using tokens = await createFakeGoogleTokens({
      publicKey,
      clientEmail: 'robot@project.iam.gserviceaccount.com',
    });
    await using front = await startFront(({ headers, path }: FrontRequest) => {
      if (headers.authorization !== `Bearer ${tokens.token()}`)
        return { status: 401, body: { error: { code: 401, message: 'no', status: 'UNAUTHENTICATED' } } };
      return { status: 200, body: path.includes('/publishers/anthropic/') ? MESSAGE_ANSWER : GEMINI_ANSWER };
    });
    await app.addProvider(
      {
        id: 'vx',
        type: 'vertexai',
        api_host: front.baseUrl,
        location: 'europe-west1',
        models: ['gemini-3-pro', 'claude-opus-4-1@20250805'],
      },
      account(tokens.url),
    );
    const first = await ask(app.baseUrl, dialect('gemini'), { model: 'gemini-3-pro' });
    expect(first.text).toContain('from the vendor');
    const second = await ask(app.baseUrl, dialect('anthropic'), { model: 'claude-opus-4-1@20250805' });
    expect(second.text).toContain('from the vendor');
    expect(tokens.issued()).toBe(1);
    const place = '/v1/projects/from-the-file/locations/europe-west1/publishers';
    expect(front.requests.map(({ path }) => path)).toEqual([
      `${place}/google/models/gemini-3-pro:generateContent`,
      `${place}/anthropic/models/claude-opus-4-1@20250805:rawPredict`,
    ]);
    const body = front.requests[1]?.body ?? {};
    expect(body['anthropic_version']).toBe('vertex-2023-10-16');
    expect('model' in body).toBe(false);
  });

  test('a token that was taken back before its time is not sent again', async () => {
    const clientEmail = 'robot@project.iam.gserviceaccount.com';
    await using tokens = await createFakeGoogleTokens({ publicKey, clientEmail });
    await using front = await startFront(({ headers }: FrontRequest) =>
      headers.authorization === 'Bearer ya29.token-1'
        ? { status: 401, body: { error: { code: 401, message: 'no', status: 'UNAUTHENTICATED' } } }
        : { status: 200, body: GEMINI_ANSWER },
    );
    await app.addProvider(
      { id: 'vx', type: 'vertexai', api_host: front.baseUrl, models: ['gemini-3-pro'] },
      account(tokens.url),
    );
    const ours = (): Promise<{ readonly status: number }> =>
      ask(app.baseUrl, dialect('gemini'), { model: 'gemini-3-pro' });
    expect((await ours()).status).toBe(502);
    expect((await ours()).status).toBe(200);
    expect((await ours()).status).toBe(200);
    expect(tokens.issued()).toBe(2);
  });

  test('a refused account says so without blaming the client', async () => {
    await using tokens = await createFakeGoogleTokens({ publicKey, clientEmail: 'someone-else' });
    await app.addProvider(
      { id: 'vx', type: 'vertexai', api_host: 'http://127.0.0.1:9', project: 'p', models: ['gemini-3-pro'] },
      account(tokens.url),
    );
    const answer = await ask(app.baseUrl, dialect('gemini'), { model: 'gemini-3-pro' });
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('invalid_grant');
  });

  test('an express key reaches Gemini models at the express address', async () => {
    await using front = await startFront(({ headers }) =>
      headers['x-goog-api-key'] === 'express-key' ? { status: 200, body: GEMINI_ANSWER } : { status: 401, body: {} },
    );
    await app.addProvider(
      { id: 'vx', type: 'vertexai', api_host: front.baseUrl, models: ['gemini-3-pro'] },
      'express-key',
    );
    expect((await ask(app.baseUrl, dialect('gemini'), { model: 'gemini-3-pro' })).status).toBe(200);
    expect(front.requests[0]?.path).toBe('/v1/publishers/google/models/gemini-3-pro:generateContent');
  });
});

describe('a provider of one’s own', () => {
  test.each([
    ['a header of its own', { auth_header: 'X-Key' }, { 'x-key': 'sk-own' }],
    ['a prefix of its own', { auth_prefix: 'Token ' }, { authorization: 'Token sk-own' }],
    ['a cookie', { auth_header: 'cookie', auth_prefix: 'session=' }, { cookie: 'session=sk-own' }],
    ['no key', { auth_header: 'none' }, {}],
    [
      'extra headers',
      { extra_headers: { 'X-Team': 'red', 'anthropic-version': '2024-02-02' } },
      { authorization: 'Bearer sk-own', 'x-team': 'red' },
    ],
  ] as const)('is called with %s, asked and tested', async (_name, fields, headers) => {
    const own = ['authorization', 'x-api-key', 'x-key', 'cookie', 'x-team'];
    await using front = await startFront((request) => {
      const sent = Object.fromEntries(Object.entries(request.headers).filter(([name]) => own.includes(name)));
      if (JSON.stringify(Object.entries(sent).sort()) !== JSON.stringify(Object.entries(headers).sort()))
        return { status: 401, body: { error: { message: JSON.stringify(sent) } } };
      return { status: 200, body: request.method === 'GET' ? { data: [{ id: 'm' }] } : CHAT_ANSWER };
    });
    await app.addProvider(
      { id: 'own', type: 'openai', api_host: front.baseUrl, models: ['m'], ...fields },
      ...(Object.keys(headers).length === 0 ? [] : ['sk-own']),
    );
    for (const id of ['openai', 'anthropic']) {
      expect((await ask(app.baseUrl, dialect(id), { model: 'm' })).text).toContain('from the vendor');
    }
    expect((await app.admin('POST', '/providers/own/test')).body).toMatchObject({ ok: true });
  });

  test('chooses its keys as the row says: by weight, and the first that may be used', async () => {
    await using front = await startFront(() => ({ status: 200, body: CHAT_ANSWER }));
    await app.addProvider(
      { id: 'own', type: 'openai', api_host: front.baseUrl, models: ['m'], key_choice: 'weighted' },
      'sk-first',
      'sk-second',
    );
    const { items } = Object((await app.admin('GET', '/providers/own/keys')).body);
    await app.admin('PATCH', `/providers/own/keys/${items[0].id}`, { weight: 0 });
    const chosen = async (): Promise<readonly unknown[]> => {
      const before = front.requests.length;
      for (let at = 0; at < 6; at++) await ask(app.baseUrl, dialect('openai'), { model: 'm' });
      return [...new Set(front.requests.slice(before).map(({ headers }) => headers.authorization))];
    };
    expect(await chosen()).toEqual(['Bearer sk-second']);
    await app.admin('PATCH', '/providers/own', { key_choice: 'fill_first' });
    expect(await chosen()).toEqual(['Bearer sk-first']);
    await app.admin('PATCH', '/providers/own', { key_choice: null });
    expect(await chosen()).toHaveLength(2);
  });

  test('has a group and a place in the order', async () => {
    await app.addProvider({ id: 'late', type: 'openai', api_host: 'http://127.0.0.1:9', sort_order: 5000 });
    await app.addProvider({
      id: 'early',
      type: 'openai',
      api_host: 'http://127.0.0.1:9',
      sort_order: 4999,
      group_name: 'team',
    });
    const { items } = Object((await app.admin('GET', '/providers')).body);
    const rows = items.slice(-2).map(({ id, group_name }: Readonly<Record<string, unknown>>) => [id, group_name]);
    expect(rows).toEqual([
      ['early', 'team'],
      ['late', 'custom'],
    ]);
  });
});

test('a route says what answers are written in; the client’s own word goes before it', async () => {
  await using front = await startFront(() => ({ status: 200, body: CHAT_ANSWER }));
  await app.addProvider({ id: 'own', type: 'openai', api_host: front.baseUrl, models: ['m'] }, 'sk-own');
  await app.addRoute({ pattern: 'as-is', targets: [{ provider: 'own', model: 'm' }], output: 'native' });
  await app.addRoute({ pattern: 'as-gemini', targets: [{ provider: 'own', model: 'm' }], output: 'gemini' });
  const shapeOf = async (model: string, headers: Readonly<Record<string, string>> = {}): Promise<string | undefined> =>
    Object.keys(JSON.parse((await ask(app.baseUrl, dialect('anthropic'), { model, headers })).text)).find((name) =>
      ['choices', 'content', 'candidates'].includes(name),
    );
  expect(await shapeOf('m')).toBe('content');
  expect(await shapeOf('as-is')).toBe('choices');
  expect(await shapeOf('as-gemini')).toBe('candidates');
  expect(await shapeOf('as-gemini', { 'x-proxycast-output': 'anthropic' })).toBe('content');
});

describe('ollama, new-api, gateway', () => {
  const answerByPath = ({ path }: FrontRequest): { readonly status: number; readonly body: unknown } => {
    if (path === '/v1/chat/completions') return { status: 200, body: CHAT_ANSWER };
    if (path === '/v1/messages') return { status: 200, body: MESSAGE_ANSWER };
    if (path === '/v1beta/models/m:generateContent') return { status: 200, body: GEMINI_ANSWER };
    return { status: 404, body: { error: { message: `no ${path}` } } };
  };

  test('ollama answers without a key, and is sent none', async () => {
    await using front = await startFront(answerByPath);
    await app.addProvider({ id: 'own-ollama', type: 'ollama', api_host: front.baseUrl, models: ['m'] });
    for (const id of ['openai', 'anthropic']) {
      expect((await ask(app.baseUrl, dialect(id), { model: 'm' })).text).toContain('from the vendor');
    }
    for (const { headers } of front.requests) {
      expect([headers.authorization, headers['x-api-key']]).toEqual([undefined, undefined]);
    }
  });

  test('new-api is called on the path and with the header of the client’s dialect', async () => {
    await using front = await startFront(answerByPath);
    await app.addProvider(
      { id: 'own-new-api', type: 'new-api', api_host: `${front.baseUrl}/v1`, models: ['m'] },
      'sk-na',
    );
    for (const id of ['openai', 'anthropic', 'gemini']) {
      expect((await ask(app.baseUrl, dialect(id), { model: 'm' })).text).toContain('from the vendor');
    }
    expect(
      front.requests.map(({ headers }) => headers.authorization ?? headers['x-api-key'] ?? headers['x-goog-api-key']),
    ).toEqual(['Bearer sk-na', 'sk-na', 'sk-na']);
  });

  test('gateway is called at its origin whatever SDK base is stored', async () => {
    await using front = await startFront(answerByPath);
    await app.addProvider(
      { id: 'own-gateway', type: 'gateway', api_host: `${front.baseUrl}/v4/ai`, models: ['m'] },
      'vck',
    );
    for (const id of ['openai', 'anthropic']) {
      expect((await ask(app.baseUrl, dialect(id), { model: 'm' })).text).toContain('from the vendor');
    }
  });
});

describe('aws-bedrock', () => {
  const signing = { accessKeyId: 'AKIDEXAMPLE0', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const model = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
  const keys = {
    'an API key': 'bedrock-api-key',
    'an access key as JSON': JSON.stringify({
      access_key_id: signing.accessKeyId,
      secret_access_key: signing.secretAccessKey,
    }),
    'an access key with a bar': `${signing.accessKeyId}|${signing.secretAccessKey}`,
  };

  test.each(Object.entries(keys))('%s reaches every client dialect, streamed and whole', async (_name, key) => {
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', signing, bearer: 'bedrock-api-key' });
    bedrock.respond({ text: 'grüße 漢字 from the vendor' });
    await app.addProvider(
      { id: 'br', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'eu-central-1', models: [model] },
      key,
    );
    for (const sample of DIALECTS) {
      for (const isStream of [false, true]) {
        const answer = await ask(app.baseUrl, sample, { model, isStream });
        expect(answer.status, answer.text).toBe(200);
        expect(answer.text.replaceAll(/"[^"]*delta[^"]*"/g, '')).toMatch(/vendor|grüße/);
      }
    }
    expect(bedrock.violations).toEqual([]);
    expect(bedrock.requests).toHaveLength(8);
  });

  test('a wrong secret, a wrong region and an exception in the stream are told in the client’s dialect', async () => {
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', signing });
    await app.addProvider(
      { id: 'br1', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'eu-central-1', models: ['one'] },
      `${signing.accessKeyId}|wrong`,
    );
    await app.addProvider(
      { id: 'br2', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'us-east-1', models: ['two'] },
      `${signing.accessKeyId}|${signing.secretAccessKey}`,
    );
    await app.addProvider(
      { id: 'br3', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'eu-central-1', models: ['three'] },
      `${signing.accessKeyId}|${signing.secretAccessKey}`,
    );
    for (const [name, words] of [
      ['one', 'rejected the key'],
      ['two', 'for another region'],
    ] as const) {
      const answer = await ask(app.baseUrl, dialect('anthropic'), { model: name });
      expect(answer.status, answer.text).toBe(502);
      expect(answer.text).toContain(words);
    }
    bedrock.respond({ text: 'begun', exception: { name: 'modelStreamErrorException', status: 424, isLate: true } });
    for (const sample of DIALECTS) {
      const answer = await ask(app.baseUrl, sample, { model: 'three', isStream: true });
      expect(answer.status).toBe(200);
      expect(sample.endsWithError(answer.text), answer.text).toBe(true);
    }
  });
});
