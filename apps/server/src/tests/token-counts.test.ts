import { generateKeyPairSync } from 'node:crypto';
import {
  createFakeBedrock,
  createFakeGoogleTokens,
  createFakeUpstream,
  type FakeUpstream,
  reply,
} from '@proxycast/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { startFront } from '../testing/start-front.ts';

let app: AppUnderTest;
let upstream: FakeUpstream;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  app = await startApp();
});
afterAll(async () => {
  await app.stop();
  await upstream.close();
});
beforeEach(() => upstream.reset());

const SYSTEM = 'Be very brief, and answer in the language of the question.';
const QUESTION = 'How long is this text, counted in tokens?';
const SCHEMA = { type: 'object', properties: { city: { type: 'string', description: 'A city' } }, required: ['city'] };

/** How each dialect counts: path, body, and the field of the answer. */
const COUNTS = {
  anthropic: {
    path: () => '/v1/messages/count_tokens',
    body: (model: string) => ({
      model,
      system: SYSTEM,
      messages: [{ role: 'user', content: QUESTION }],
      tools: [{ name: 'look_up', description: 'Looks a city up.', input_schema: SCHEMA }],
    }),
    render: (tokens: number) => ({ input_tokens: tokens }),
  },
  responses: {
    path: () => '/v1/responses/input_tokens',
    body: (model: string) => ({
      model,
      instructions: SYSTEM,
      input: QUESTION,
      tools: [
        { type: 'function', name: 'look_up', description: 'Looks a city up.', parameters: SCHEMA, strict: false },
      ],
    }),
    render: (tokens: number) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  },
  gemini: {
    path: (model: string) => `/v1beta/models/${model}:countTokens`,
    body: (model: string) => ({
      generateContentRequest: {
        model: `models/${model}`,
        systemInstruction: { parts: [{ text: SYSTEM }] },
        contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
        tools: [
          {
            functionDeclarations: [{ name: 'look_up', description: 'Looks a city up.', parametersJsonSchema: SCHEMA }],
          },
        ],
      },
    }),
    render: (tokens: number) => ({ totalTokens: tokens }),
  },
} as const;

type Client = keyof typeof COUNTS;
const CLIENTS: readonly Client[] = ['anthropic', 'responses', 'gemini'];

interface Counted {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function count(client: Client, model: string, body: unknown = COUNTS[client].body(model)): Promise<Counted> {
  const response = await fetch(`${app.baseUrl}${COUNTS[client].path(model)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function tokensIn(body: unknown): number {
  const value = Object.values(body ?? {}).find((field) => typeof field === 'number');
  return typeof value === 'number' ? value : Number.NaN;
}

function expectEstimate({ status, headers, body }: Counted, client: Client): void {
  expect(status, JSON.stringify(body)).toBe(200);
  expect(headers.get('x-proxycast-estimated')).toBe('true');
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  const tokens = tokensIn(body);
  expect(body).toEqual(COUNTS[client].render(tokens));
  // Some 25 tokens of text and 50 of a tool, and what a family adds.
  expect(tokens).toBeGreaterThan(50);
  expect(tokens).toBeLessThan(700);
}

describe('an upstream without a call that counts', () => {
  beforeAll(() =>
    app.addProvider({ id: 'chatty', type: 'openai', api_host: upstream.baseUrl, models: ['gpt-4o-chatty'] }, 'key-1'),
  );

  test.each(CLIENTS)('%s is told an estimate, marked as one, and the upstream is not asked', async (client) => {
    expectEstimate(await count(client, 'gpt-4o-chatty'), client);
    expect(upstream.requests).toHaveLength(0);
  });

  test('keeps its place before a provider of the same model that counts', async () => {
    await app.addProvider(
      { id: 'counts', type: 'anthropic', api_host: upstream.baseUrl, models: ['gpt-4o-chatty'] },
      'key-1',
    );
    expectEstimate(await count('anthropic', 'gpt-4o-chatty'), 'anthropic');
    expect(upstream.requests).toHaveLength(0);
  });

  test('a body that is none is refused as in a chat, in the client’s dialect', async () => {
    const refused = await count('anthropic', 'gpt-4o-chatty', { model: 'gpt-4o-chatty', messages: 'none' });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});

describe('an upstream that has no such call after all', () => {
  const statuses = [403, 404, 405, 501];
  beforeAll(async () => {
    for (const status of statuses) {
      await app.addProvider(
        { id: `without-${status}`, type: 'anthropic', api_host: upstream.baseUrl, models: [`claude-${status}`] },
        'key-1',
      );
    }
  });

  test.each(statuses)('status %i becomes an estimate, and the key stays good for chats', async (status) => {
    upstream.respond(reply.error({ status }), 'count-tokens');
    expectEstimate(await count('gemini', `claude-${status}`), 'gemini');
    expect(upstream.requests).toHaveLength(1);
    const { body } = await app.admin('GET', `/providers/without-${status}/keys`);
    expect(body).toMatchObject({ items: [{ state: { type: 'active' } }] });
    // Asked again only where another key may have the right.
    expectEstimate(await count('anthropic', `claude-${status}`), 'anthropic');
    expect(upstream.requests).toHaveLength(status === 403 ? 2 : 1);
  });

  test('another failure is a failure', async () => {
    await app.addProvider(
      { id: 'busy', type: 'anthropic', api_host: upstream.baseUrl, models: ['claude-busy'] },
      'key-1',
    );
    upstream.respond(reply.rateLimited(3), 'count-tokens');
    const refused = await count('anthropic', 'claude-busy');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-proxycast-estimated')).toBeNull();
  });
});

test('an upstream that counts is asked, and nothing is marked', async () => {
  await app.addProvider(
    { id: 'exact', type: 'anthropic', api_host: upstream.baseUrl, models: ['claude-exact'] },
    'key-1',
  );
  for (const client of CLIENTS) {
    upstream.reset();
    const counted = await count(client, 'claude-exact');
    expect(counted.status, JSON.stringify(counted.body)).toBe(200);
    expect(counted.headers.get('x-proxycast-estimated')).toBeNull();
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
    expect(upstream.violations).toEqual([]);
  }
});

test('a count is a row without usage and cost in the ledger, whoever counted', async () => {
  for (const [id, type] of [
    ['ledger-chat', 'openai'],
    ['ledger-same', 'anthropic'],
    ['ledger-other', 'gemini'],
  ]) {
    const model = `gpt-4o-${id}`;
    await app.addProvider({ id: String(id), type, api_host: upstream.baseUrl, models: [model] }, 'key-1');
    expect((await count('anthropic', model)).status).toBe(200);
  }
  const counts = async (): Promise<unknown> => {
    const { body } = await app.admin('GET', '/requests?limit=3');
    return body;
  };
  const row = { operation: 'count-tokens', outcome: 'answered', usage: null, cost_micro_usd: null };
  await expect.poll(counts, { timeout: 10_000 }).toMatchObject({
    items: ['ledger-other', 'ledger-same', 'ledger-chat'].map((id) => ({ ...row, provider_id: id })),
  });
});

describe('aws-bedrock', () => {
  const model = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';

  test('CountTokens is asked by the model’s own id, signed', async () => {
    const signing = { accessKeyId: 'AKIDEXAMPLE0', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', signing });
    await app.addProvider(
      { id: 'br-signed', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'eu-central-1', models: [model] },
      `${signing.accessKeyId}|${signing.secretAccessKey}`,
    );
    for (const client of CLIENTS) {
      const counted = await count(client, `br-signed/${model}`);
      expect(counted.body).toEqual(COUNTS[client].render(123));
      expect(counted.headers.get('x-proxycast-estimated')).toBeNull();
    }
    expect(bedrock.violations).toEqual([]);
    expect(bedrock.requests[0]?.path).toBe('/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens');
  });

  test('a model that cannot be counted there is estimated', async () => {
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', bearer: 'bedrock-key' });
    await app.addProvider(
      {
        id: 'br-nova',
        type: 'aws-bedrock',
        api_host: bedrock.baseUrl,
        region: 'eu-central-1',
        models: ['eu.amazon.nova-lite-v1:0'],
      },
      'bedrock-key',
    );
    expectEstimate(await count('anthropic', 'eu.amazon.nova-lite-v1:0'), 'anthropic');
    expectEstimate(await count('responses', 'eu.amazon.nova-lite-v1:0'), 'responses');
    expect(bedrock.requests).toHaveLength(1);
  });
});

test('Vertex AI counts Gemini models by their fields alone, and Claude models at an address of its own', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientEmail = 'robot@project.iam.gserviceaccount.com';
  await using tokens = await createFakeGoogleTokens({ publicKey, clientEmail });
  await using front = await startFront(({ path }) => ({
    status: 200,
    body: path.includes('/publishers/anthropic/') ? { input_tokens: 77 } : { totalTokens: 88 },
  }));
  await app.addProvider(
    {
      id: 'vertex-counts',
      type: 'vertexai',
      api_host: front.baseUrl,
      location: 'europe-west1',
      models: ['gemini-vertex', 'claude-vertex@20250805'],
    },
    JSON.stringify({
      type: 'service_account',
      project_id: 'p',
      private_key_id: 'kid-1',
      private_key: privateKey,
      client_email: clientEmail,
      token_uri: tokens.url,
    }),
  );
  for (const client of CLIENTS) {
    expect((await count(client, 'gemini-vertex')).body).toEqual(COUNTS[client].render(88));
    expect((await count(client, 'claude-vertex@20250805')).body).toEqual(COUNTS[client].render(77));
  }
  const place = '/v1/projects/p/locations/europe-west1/publishers';
  for (const { path, body = {} } of front.requests) {
    const isClaude = path === `${place}/anthropic/models/count-tokens:rawPredict`;
    if (isClaude)
      expect(body).toMatchObject({ model: 'claude-vertex@20250805', anthropic_version: 'vertex-2023-10-16' });
    else {
      expect(path).toBe(`${place}/google/models/gemini-vertex:countTokens`);
      expect(Object.keys(body).sort()).toEqual(['contents', 'systemInstruction', 'tools']);
    }
  }
});

test.each([
  ['v1', undefined, '/openai/v1/responses/input_tokens'],
  ['the classic form', '2025-04-01-preview', '/openai/responses/input_tokens?api-version=2025-04-01-preview'],
])(
  'Azure OpenAI counts by Responses in %s, and one that is too old for them is estimated',
  async (_, version, path) => {
    await using front = await startFront(() => ({
      status: 200,
      body: { object: 'response.input_tokens', input_tokens: 55 },
    }));
    const id = `azure-${version ?? 'v1'}`;
    const azure = { type: 'azure-openai', api_host: front.baseUrl };
    await app.addProvider(
      { id, ...azure, ...(version === undefined ? {} : { api_version: version }), models: [`gpt-4o-${id}`] },
      'key-1',
    );
    await app.addProvider(
      { id: `${id}-old`, ...azure, api_version: '2024-10-21', models: [`gpt-4o-${id}-old`] },
      'key-1',
    );
    for (const client of CLIENTS) {
      expect((await count(client, `gpt-4o-${id}`)).body).toEqual(COUNTS[client].render(55));
      expectEstimate(await count(client, `gpt-4o-${id}-old`), client);
    }
    expect(front.requests.map((request) => request.path)).toEqual([path, path, path]);
  },
);

test('Ollama has no call that counts', async () => {
  await app.addProvider({ id: 'local', type: 'ollama', api_host: upstream.baseUrl, models: ['qwen-local'] }, 'key-1');
  for (const client of CLIENTS) expectEstimate(await count(client, 'qwen-local'), client);
  expect(upstream.requests).toHaveLength(0);
});

test('nothing is estimated for a chat, whoever answers it', async () => {
  await app.addProvider(
    { id: 'only-chats', type: 'openai', api_host: upstream.baseUrl, models: ['gpt-chats'] },
    'key-1',
  );
  const response = await fetch(`${app.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'gpt-chats', max_tokens: 50, messages: [{ role: 'user', content: QUESTION }] }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-proxycast-estimated')).toBeNull();
  expect(await response.json()).toMatchObject({ usage: { output_tokens: expect.any(Number) } });
});

test('a client that leaves while its tokens are estimated takes nobody with it', async () => {
  await app.addProvider({ id: 'left', type: 'openai', api_host: upstream.baseUrl, models: ['gpt-left'] }, 'key-1');
  const leaver = new AbortController();
  const left = fetch(`${app.baseUrl}${COUNTS.anthropic.path()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': CLIENT_KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'gpt-left', messages: [{ role: 'user', content: '漢字'.repeat(200_000) }] }),
    signal: leaver.signal,
  });
  await expect.poll(() => app.app.gateway.inFlight(), { interval: 1, timeout: 10_000 }).toBe(1);
  leaver.abort();
  await expect(left).rejects.toThrow();
  await expect.poll(() => app.app.gateway.inFlight(), { timeout: 10_000 }).toBe(0);
  expectEstimate(await count('anthropic', 'gpt-left'), 'anthropic');
});
