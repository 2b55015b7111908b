import { generateKeyPairSync } from 'node:crypto';
import { createFakeBedrock, createFakeGoogleTokens } from '@proxycast/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';
import { type FrontAnswer, type FrontRequest, startFront } from '../testing/start-front.ts';

let app: AppUnderTest;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.stop());

interface TestAnswer {
  readonly ok: boolean;
  readonly model: string | null;
  readonly status: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly results: readonly {
    readonly key_id: string | null;
    readonly ok: boolean;
    readonly code: string;
    readonly message: string;
    readonly model: string | null;
  }[];
}

const run = async (id: string): Promise<TestAnswer> => Object(await app.admin('POST', `/providers/${id}/test`)).body;
const keysOf = async (id: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  Object(await app.admin('GET', `/providers/${id}/keys`)).body.items;
const modelsOf = async (id: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  Object(await app.admin('GET', `/providers/${id}/models`)).body.items;

const LIST: FrontAnswer = { status: 200, body: { data: [{ id: 'm' }] } };
const CHAT: FrontAnswer = { status: 200, body: { choices: [{ message: { role: 'assistant', content: 'h' } }] } };
const openaiError = (status: number, code: string, message: string): FrontAnswer => ({
  status,
  body: { error: { message, type: 'invalid_request_error', code } },
});
const NOT_THERE: FrontAnswer = { status: 404, body: 'no such page', contentType: 'text/plain' };

describe('openai', () => {
  const check = (name: string, list: FrontAnswer, chat: FrontAnswer | undefined, code: string, words: RegExp): void => {
    test(name, async () => {
      await using front = await startFront(({ path, body }) => {
        if (path === '/v1/models') return list;
        if (path !== '/v1/chat/completions' || chat === undefined) return NOT_THERE;
        expect(body).toMatchObject({ model: 'm', messages: [{ role: 'user' }] });
        return chat;
      });
      await app.addProvider(
        { id: 'p', type: 'openai', api_host: front.baseUrl, models: ['text-embedding', 'm'] },
        'sk-1234',
      );
      const answer = await run('p');
      expect(answer.results, JSON.stringify(answer)).toHaveLength(1);
      expect(answer.results[0]).toMatchObject({ code, ok: code === 'valid' });
      expect(answer.results[0]?.message).toMatch(words);
      expect(answer.results[0]?.message).not.toContain('sk-1234');
      expect(answer.ok).toBe(code === 'valid');
      expect(answer.error).toEqual(code === 'valid' ? null : { code, message: answer.results[0]?.message });
    });
  };
  check('a list is enough', LIST, undefined, 'valid', /works/);
  check('a bare array is a list', { status: 200, body: [{ id: 'm' }] }, undefined, 'valid', /works/);
  check(
    'a wrong key',
    openaiError(401, 'invalid_api_key', 'Incorrect API key provided: sk-1234.'),
    undefined,
    'key_rejected',
    /rejected the key/,
  );
  check('a 403 that says nothing', { status: 403, body: '' }, undefined, 'key_rejected', /403/);
  check('402', { status: 402, body: {} }, undefined, 'no_credit', /no credit/);
  check(
    'no quota',
    openaiError(429, 'insufficient_quota', 'You exceeded your quota.'),
    undefined,
    'no_credit',
    /quota/,
  );
  check('a limit', openaiError(429, 'rate_limit_exceeded', 'Slow down.'), undefined, 'rate_limited', /Slow down/);
  check('a vendor that is down', { status: 503, body: 'x' }, undefined, 'upstream_failed', /503/);
  check('no list, but chat', NOT_THERE, CHAT, 'valid', /works/);
  check(
    'no list, and the model is not there',
    NOT_THERE,
    openaiError(404, 'model_not_found', 'The model m does not exist.'),
    'model_missing',
    /does not exist/,
  );
  check('nothing there at all', NOT_THERE, undefined, 'host_wrong', /api_host/);
  check(
    'a web page',
    { status: 200, body: '<!doctype html><p>', contentType: 'text/html' },
    undefined,
    'host_is_page',
    /web page|Nothing/,
  );
  check('another service', { status: 200, body: { hello: 'world' } }, undefined, 'host_wrong', /api_host/);
  check(
    'a redirect',
    { status: 302, body: '', headers: { location: 'https://elsewhere.example/v1/models' } },
    undefined,
    'redirected',
    /https:\/\/elsewhere\.example.*302/,
  );
  check(
    'MiniMax: 200 with a wrong key inside',
    NOT_THERE,
    { status: 200, body: { base_resp: { status_code: 1004, status_msg: 'login fail' } } },
    'key_rejected',
    /rejected/,
  );
  check(
    'MiniMax: 200 without credit inside',
    NOT_THERE,
    { status: 200, body: { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } } },
    'no_credit',
    /insufficient balance/,
  );
  check(
    'Spark: 200 with a code',
    NOT_THERE,
    { status: 200, body: { code: 11202, message: 'qps limit', sid: 'x' } },
    'rate_limited',
    /qps limit/,
  );
  check(
    '403 on the list alone is no verdict',
    openaiError(403, 'no_access', 'No lists for you.'),
    CHAT,
    'valid',
    /works/,
  );

  test('a model that wants room for more than one token gets it', async () => {
    await using front = await startFront(({ path, body }) => {
      if (path !== '/v1/chat/completions') return NOT_THERE;
      return 'max_tokens' in body
        ? openaiError(400, 'unsupported_parameter', "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.")
        : CHAT;
    });
    await app.addProvider({ id: 'p', type: 'openai', api_host: front.baseUrl, models: ['m'] }, 'sk-1234');
    expect(await run('p')).toMatchObject({ ok: true, model: 'm', results: [{ code: 'valid', model: 'm' }] });
    expect(front.requests.at(-1)?.body['max_completion_tokens']).toBe(16);
  });

  test.each([
    ['with', '/', '/v1/models', '/v1'],
    ['without', '/v2', '/models', '/'],
  ])('an address that answers %s the version is named', async (_name, suffix, path, right) => {
    await using front = await startFront((request) => (request.path === path ? LIST : NOT_THERE));
    await app.addProvider({ id: 'p', type: 'openai', api_host: `${front.baseUrl}${suffix}` }, 'sk-1234');
    const answer = await run('p');
    expect(answer.results[0]).toMatchObject({ ok: false, code: 'host_wrong' });
    expect(answer.results[0]?.message).toContain(`${front.baseUrl}${right} does`);
  });

  test('a host where nothing listens, and one whose name is not known, are no fault of the key', async () => {
    await app.addProvider({ id: 'p', type: 'openai', api_host: 'http://127.0.0.1:9' }, 'sk-1234');
    await app.addProvider({ id: 'q', type: 'openai', api_host: 'http://nowhere.invalid' }, 'sk-1234');
    for (const id of ['p', 'q']) {
      const answer = await run(id);
      expect(answer.error).toMatchObject({ code: 'upstream_unreachable' });
      expect(answer.error?.message).toMatch(/key was not looked at/);
    }
  });

  test('every key is named, counters and health stay, other keys are untouched', async () => {
    await using front = await startFront(({ headers }) =>
      headers.authorization === 'Bearer good-1' || headers.authorization === 'Bearer good-2'
        ? LIST
        : openaiError(401, 'invalid_api_key', 'no'),
    );
    await app.addProvider(
      { id: 'p', type: 'openai', api_host: front.baseUrl },
      'good-1',
      'bad-key-1',
      'good-2',
      'off-key-1',
    );
    const [first, second, third, off] = (await keysOf('p')).map(({ id }) => id);
    await app.admin('PATCH', `/providers/p/keys/${off}`, { enabled: false });
    const answer = await run('p');
    expect(answer.results.map(({ key_id, code }) => [key_id, code])).toEqual([
      [first, 'valid'],
      [second, 'key_rejected'],
      [third, 'valid'],
      [off, 'key_rejected'],
    ]);
    expect(answer).toMatchObject({ ok: false, error: { code: 'key_rejected' } });
    await app.admin('PATCH', `/providers/p/keys/${second}`, { enabled: false });
    expect(await run('p')).toMatchObject({ ok: true, error: null });
    for (const key of await keysOf('p')) {
      expect(key).toMatchObject({ usage_count: 0, error_count: 0, last_used_at: null, state: { type: 'active' } });
    }
    for (const id of [first, third]) await app.admin('PATCH', `/providers/p/keys/${id}`, { enabled: false });
    expect(await run('p')).toMatchObject({ ok: false, error: { code: 'provider_without_key' } });
  });

  test('the live list, then what is stored beside it', async () => {
    await using front = await startFront(() => ({
      status: 200,
      body: { data: [{ id: 'm1', owned_by: 'o' }, { id: 'm2' }] },
    }));
    await app.addProvider({ id: 'p', type: 'openai', api_host: front.baseUrl, models: ['m2', 'mine'] }, 'sk-1234');
    expect(await modelsOf('p')).toEqual([
      { id: 'm1', owned_by: 'o', is_live: true, is_stored: false },
      { id: 'm2', owned_by: null, is_live: true, is_stored: true },
      { id: 'mine', owned_by: null, is_live: false, is_stored: true },
    ]);
  });
});

test('openai-response falls back to the smallest response', async () => {
  await using front = await startFront(({ path, body }) =>
    path === '/v1/responses' && body['max_output_tokens'] === 16 ? { status: 200, body: { output: [] } } : NOT_THERE,
  );
  await app.addProvider({ id: 'p', type: 'openai-response', api_host: front.baseUrl, models: ['m'] }, 'sk-1234');
  expect(await run('p')).toMatchObject({ ok: true, model: 'm' });
});

describe('anthropic', () => {
  test('the list, page by page', async () => {
    await using front = await startFront(({ path, headers }) => {
      if (headers['x-api-key'] !== 'sk-ant')
        return {
          status: 401,
          body: { type: 'error', error: { type: 'authentication_error', message: 'invalid x-api-key' } },
        };
      const isSecond = path.includes('after_id=a');
      return {
        status: 200,
        body: { data: [{ id: isSecond ? 'b' : 'a' }], has_more: !isSecond, last_id: isSecond ? 'b' : 'a' },
      };
    });
    await app.addProvider({ id: 'p', type: 'anthropic', api_host: front.baseUrl }, 'sk-ant', 'sk-wrong');
    expect((await run('p')).results.map(({ code }) => code)).toEqual(['valid', 'key_rejected']);
    expect((await modelsOf('p')).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(front.requests[0]?.path).toBe('/v1/models?limit=1');
  });

  test('a host of this shape without a list is asked for one token', async () => {
    await using front = await startFront(({ path, body }) =>
      path === '/v1/messages' && body['max_tokens'] === 1 ? { status: 200, body: { content: [] } } : NOT_THERE,
    );
    await app.addProvider({ id: 'p', type: 'anthropic', api_host: front.baseUrl, models: ['m'] }, 'sk-ant');
    expect(await run('p')).toMatchObject({ ok: true, model: 'm' });
  });
});

test('gemini: a wrong key is a 400, the list has pages', async () => {
  await using front = await startFront(({ path, headers }) => {
    if (headers['x-goog-api-key'] !== 'g-key') {
      return {
        status: 400,
        body: {
          error: {
            code: 400,
            message: 'API key not valid. Please pass a valid API key.',
            status: 'INVALID_ARGUMENT',
            details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
          },
        },
      };
    }
    const isSecond = path.includes('pageToken=two');
    return {
      status: 200,
      body: { models: [{ name: `models/g${isSecond ? 2 : 1}` }], ...(isSecond ? {} : { nextPageToken: 'two' }) },
    };
  });
  await app.addProvider({ id: 'p', type: 'gemini', api_host: front.baseUrl }, 'g-key', 'wrong');
  expect((await run('p')).results.map(({ code }) => code)).toEqual(['valid', 'key_rejected']);
  expect((await modelsOf('p')).map(({ id }) => id)).toEqual(['g1', 'g2']);
});

test('azure-openai: the list proves the key, a question the deployment', async () => {
  await using front = await startFront(({ path, headers }) => {
    if (headers['api-key'] !== 'az')
      return { status: 401, body: { error: { code: '401', message: 'Access denied.' } } };
    if (path === '/openai/v1/models') return LIST;
    return {
      status: 404,
      body: { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } },
    };
  });
  const provider = { type: 'azure-openai', api_host: front.baseUrl };
  await app.addProvider({ ...provider, id: 'without' }, 'az', 'wrong');
  expect((await run('without')).results.map(({ code }) => code)).toEqual(['valid', 'key_rejected']);
  await app.addProvider({ ...provider, id: 'named', models: ['gone'] }, 'az');
  const answer = await run('named');
  expect(answer.results[0]).toMatchObject({ code: 'model_missing', model: 'gone' });
  expect(answer.results[0]?.message).toMatch(/key is valid, but gone is not there/);
});

describe('vertexai', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientEmail = 'robot@p.iam.gserviceaccount.com';
  const account = (tokenUrl: string): string =>
    JSON.stringify({
      type: 'service_account',
      project_id: 'proj',
      private_key_id: 'kid',
      private_key: privateKey,
      client_email: clientEmail,
      token_uri: tokenUrl,
    });

  test('the exchange, then tokens are counted, which is free; both publishers are listed', async () => {
    await using tokens = await createFakeGoogleTokens({ publicKey, clientEmail });
    await using front = await startFront(({ path, headers, method }: FrontRequest) => {
      if (headers.authorization !== `Bearer ${tokens.token()}`) return { status: 401, body: {} };
      if (method === 'POST') return { status: 200, body: { totalTokens: 1 } };
      if (headers['x-goog-user-project'] !== 'proj') return { status: 403, body: {} };
      const publisher = path.split('/')[3];
      const isFirst = publisher === 'google' && !path.includes('pageToken');
      return {
        status: 200,
        body: {
          publisherModels: [{ name: `publishers/${publisher}/models/${publisher}-${isFirst ? 1 : 2}` }],
          ...(isFirst ? { nextPageToken: 'n' } : {}),
        },
      };
    });
    await app.addProvider(
      { id: 'vx', type: 'vertexai', api_host: front.baseUrl, location: 'us-central1' },
      account(tokens.url),
    );
    expect(await run('vx')).toMatchObject({ ok: true });
    expect(front.requests[0]?.path).toBe(
      '/v1/projects/proj/locations/us-central1/publishers/google/models/gemini-2.5-flash:countTokens',
    );
    expect((await modelsOf('vx')).map(({ id }) => id)).toEqual(['google-1', 'google-2', 'anthropic-2']);
  });

  test.each([
    [
      'an account that is gone',
      { clientEmail: 'someone-else' },
      'service_account_refused',
      /deleted, or its key revoked or expired/,
    ],
    ['a clock that is off', { clientEmail, now: () => Date.now() - 600_000 }, 'clock_wrong', /clock of this machine/],
  ])('%s is named', async (_name, google, code, words) => {
    await using tokens = await createFakeGoogleTokens({ publicKey, ...google });
    await app.addProvider(
      { id: 'vx', type: 'vertexai', api_host: 'http://127.0.0.1:9', project: 'p' },
      account(tokens.url),
    );
    const answer = await run('vx');
    expect(answer.results[0]).toMatchObject({ ok: false, code });
    expect(answer.results[0]?.message).toMatch(words);
  });

  test('an express key counts tokens with the key', async () => {
    await using front = await startFront(({ path, headers }) =>
      headers['x-goog-api-key'] === 'exp' && path === '/v1/publishers/google/models/gemini-2.5-flash:countTokens'
        ? { status: 200, body: { totalTokens: 1 } }
        : { status: 401, body: {} },
    );
    await app.addProvider({ id: 'vx', type: 'vertexai', api_host: front.baseUrl }, 'exp');
    expect(await run('vx')).toMatchObject({ ok: true });
  });
});

describe('aws-bedrock', () => {
  const signing = { accessKeyId: 'AKIDEXAMPLE0', secretAccessKey: 'secret-of-the-key' };
  const good = `${signing.accessKeyId}|${signing.secretAccessKey}`;

  test.each([
    ['an access key', good, {}, 'eu-central-1', 'valid'],
    ['an API key', 'bearer-key', {}, 'eu-central-1', 'valid'],
    ['a wrong API key', 'another', {}, 'eu-central-1', 'key_rejected'],
    ['a wrong secret', `${signing.accessKeyId}|wrong`, {}, 'eu-central-1', 'key_rejected'],
    ['a wrong region', good, {}, 'us-east-1', 'region_wrong'],
    ['a clock that is off', good, { now: () => Date.now() + 600_000 }, 'eu-central-1', 'clock_wrong'],
  ])('%s', async (_name, key, options, region, code) => {
    await using bedrock = await createFakeBedrock({
      region: 'eu-central-1',
      signing,
      bearer: 'bearer-key',
      ...options,
    });
    await app.addProvider({ id: 'br', type: 'aws-bedrock', api_host: bedrock.baseUrl, region, models: ['m'] }, key);
    expect((await run('br')).results[0]).toMatchObject({ ok: code === 'valid', code });
  });

  test('a key that may not list is asked for one token', async () => {
    await using front = await startFront(({ path, body }) =>
      path === '/model/m/converse' && Object(body)['inferenceConfig'].maxTokens === 1
        ? { status: 200, body: { output: { message: { role: 'assistant', content: [] } } } }
        : {
            status: 403,
            body: { message: 'not authorized to perform: bedrock:ListFoundationModels' },
            headers: { 'x-amzn-errortype': 'AccessDeniedException' },
          },
    );
    await app.addProvider(
      { id: 'br', type: 'aws-bedrock', api_host: front.baseUrl, region: 'r', models: ['m'] },
      'bearer',
    );
    expect(await run('br')).toMatchObject({ ok: true, model: 'm' });
  });

  test('models on demand and profiles, with all pages', async () => {
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', signing });
    await app.addProvider({ id: 'br', type: 'aws-bedrock', api_host: bedrock.baseUrl, region: 'eu-central-1' }, good);
    expect((await modelsOf('br')).map(({ id }) => id)).toEqual([
      'amazon.nova-lite-v1:0',
      'eu.anthropic.claude-sonnet-5',
      'us.anthropic.claude-sonnet-5',
    ]);
  });
});

test.each([
  ['ollama', '/api/tags', { models: [{ name: 'llama3.2:latest' }] }, undefined],
  ['new-api', '/v1/models', { data: [{ id: 'm', supported_endpoint_types: ['openai'] }] }, 'sk-na'],
  ['gateway', '/v1/credits', { balance: '5.00', total_used: '1.00' }, 'vck'],
])('%s is asked at %s', async (type, path, body, key) => {
  await using front = await startFront((request) =>
    request.path === path && (key === undefined || request.headers.authorization === `Bearer ${key}`)
      ? { status: 200, body }
      : { status: 401, body: { error: { message: 'no', code: 'invalid_api_key' } } },
  );
  await app.addProvider(
    { id: `own-${type}`, type, api_host: front.baseUrl },
    ...(key === undefined ? [] : [key, 'wrong']),
  );
  const answer = await run(`own-${type}`);
  expect(answer.results.map(({ code }) => code)).toEqual(key === undefined ? ['valid'] : ['valid', 'key_rejected']);
  if (key === undefined) expect(answer.results[0]?.key_id).toBeNull();
});
