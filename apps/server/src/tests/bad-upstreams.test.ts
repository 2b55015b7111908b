import { generateKeyPairSync } from 'node:crypto';
import { createFakeBedrock, createFakeGoogleTokens } from '@proxycast/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, DIALECTS } from '../testing/dialects.ts';
import { type AppUnderTest, startApp } from '../testing/start-app.ts';
import { type FrontAnswer, startFront } from '../testing/start-front.ts';

// What is wrong with a key, a host or a vendor, as a client of each dialect is told it. The test button's words for the same
// are in key-test.test.ts.

let app: AppUnderTest;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.stop());

const CHAT: FrontAnswer = {
  status: 200,
  body: {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'from the vendor' }, finish_reason: 'stop' }],
  },
};
const MINIMAX: FrontAnswer = { status: 200, body: { base_resp: { status_code: 1004, status_msg: 'login fail' } } };
const SPARK: FrontAnswer = { status: 200, body: { code: 11202, message: 'qps limit', sid: 's' } };

describe.each(DIALECTS)('told in $id', (dialect) => {
  const expectTold = async (model: string, status: number, words: RegExp): Promise<void> => {
    for (const isStream of [false, true]) {
      const answer = await ask(app.baseUrl, dialect, { model, isStream });
      expect(answer.status, answer.text).toBe(status);
      const { message, type } = dialect.readError(JSON.parse(answer.text));
      expect(type, answer.text).toBeTypeOf('string');
      expect(String(message)).toMatch(words);
    }
  };

  test.each<[string, FrontAnswer, number, RegExp]>([
    [
      'a wrong key',
      { status: 401, body: { error: { message: 'no', code: 'invalid_api_key' } } },
      502,
      /rejected the key/,
    ],
    ['a redirect', { status: 307, body: '', headers: { location: 'https://elsewhere.example/' } }, 502, /redirect/],
    ['a web page', { status: 200, body: '<!doctype html>', contentType: 'text/html' }, 502, /web page/],
    [
      'a vendor that is down',
      { status: 503, body: 'upstream connect error' },
      dialect.id === 'anthropic' ? 529 : 503,
      /503/,
    ],
    ['a 200 with a wrong key inside (MiniMax)', MINIMAX, 502, /rejected the key/],
    ['a 200 with a limit inside (Spark)', SPARK, 429, /qps limit/],
  ])('%s', async (_name, bad, status, words) => {
    await using front = await startFront(() => bad);
    await app.addProvider({ id: 'p', type: 'openai', api_host: front.baseUrl, models: ['m'] }, 'sk-1');
    await expectTold('m', status, words);
  });

  test('a host where nothing listens', async () => {
    await app.addProvider({ id: 'p', type: 'openai', api_host: 'http://127.0.0.1:9', models: ['m'] }, 'sk-1');
    await expectTold('m', 502, /cannot be reached.*api_host/);
  });

  test('a region and a clock that are wrong', async () => {
    const signing = { accessKeyId: 'AKIDEXAMPLE0', secretAccessKey: 'secret' };
    await using bedrock = await createFakeBedrock({ region: 'eu-central-1', signing });
    await using late = await createFakeBedrock({ region: 'eu-central-1', signing, now: () => Date.now() + 600_000 });
    const row = { type: 'aws-bedrock', region: 'eu-central-1' };
    const key = `${signing.accessKeyId}|${signing.secretAccessKey}`;
    await app.addProvider({ ...row, id: 'r', api_host: bedrock.baseUrl, region: 'us-east-1', models: ['far'] }, key);
    await app.addProvider({ ...row, id: 'c', api_host: late.baseUrl, models: ['late'] }, key);
    await expectTold('far', 502, /another region/);
    await expectTold('late', 502, /clock/);
  });

  test('a service account that is gone, and one behind a clock that is off', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const clientEmail = 'robot@p.example';
    await using gone = await createFakeGoogleTokens({ publicKey, clientEmail: 'another' });
    await using early = await createFakeGoogleTokens({ publicKey, clientEmail, now: () => Date.now() - 600_000 });
    for (const [id, { url }] of [
      ['gone', gone],
      ['early', early],
    ] as const) {
      await app.addProvider(
        { id, type: 'vertexai', api_host: 'http://127.0.0.1:9', project: 'p', models: [`model-${id}`] },
        JSON.stringify({ type: 'service_account', private_key: privateKey, client_email: clientEmail, token_uri: url }),
      );
    }
    await expectTold('model-gone', 502, /revoked or expired/);
    await expectTold('model-early', 502, /clock/);
  });

  test('another key of the provider answers, and stays as it was', async () => {
    await using front = await startFront(({ headers }) =>
      headers.authorization === 'Bearer good' ? CHAT : { status: 401, body: { error: { message: 'no' } } },
    );
    await app.addProvider({ id: 'p', type: 'openai', api_host: front.baseUrl, models: ['m'] }, 'bad', 'good');
    expect((await ask(app.baseUrl, dialect, { model: 'm' })).text).toContain('from the vendor');
    const { items } = Object((await app.admin('GET', '/providers/p/keys')).body);
    expect(items).toMatchObject([
      { state: { type: 'cooldown', cause: 'authentication' } },
      { state: { type: 'active', until: null, cause: null } },
    ]);
    expect(items[0].state.until).toBeGreaterThan(Date.now());
    const lifted = await app.admin('POST', `/providers/p/keys/${items[0].id}/reset`);
    expect(lifted.body).toMatchObject({ state: { type: 'active' } });
  });
});

test.each(['not a url', 'ftp://example.com', 'https://user:pass@example.com', 'https://example.com/?x=1'])(
  'the host %s is refused before anything is stored',
  async (apiHost) => {
    const reply = await app.admin('POST', '/providers', { name: 'P', type: 'openai', api_host: apiHost });
    expect(reply).toMatchObject({ status: 400, body: { error: { field: 'api_host' } } });
  },
);
