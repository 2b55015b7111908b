import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCredentialId, Secret } from '@proxycast/spec';
import { openStorage } from '@proxycast/storage';
import { createFakeIdentityProvider, type FakeIdentityProvider } from '@proxycast/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildTemplate } from '../testing/build-template.ts';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';
import { type Front, type FrontAnswer, type FrontRequest, startFront } from '../testing/start-front.ts';

/** The template's service with a strict identity provider before it. */
function createService() {
  const provider = createFakeIdentityProvider({ tokens: { accessLifetimeMs: 3_600_000 } });
  const ended = new Set<string>();
  let faults = 0;
  const answer = ({ path, headers, body }: FrontRequest): FrontAnswer => {
    const token = (headers.authorization ?? '').replace(/^Bearer /, '');
    if (provider.accountOf(token) === undefined || ended.has(token)) {
      return { status: 401, body: { error: 'token_expired', message: 'The token has ended.' } };
    }
    if (path !== '/v1/chat/completions') return { status: 404, body: { error: 'not_found', message: 'Nothing.' } };
    const message = { role: 'assistant', content: 'hello' };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    return {
      status: 200,
      body: { id: 'c', object: 'chat.completion', created: 1, model: body['model'], choices, usage },
    };
  };
  const issued: string[] = [];
  const token = (form: URLSearchParams): FrontAnswer => {
    if (faults > 0) {
      faults--;
      return { status: 503, body: { error: 'busy' } };
    }
    form.set('client_id', provider.clientId);
    const { status, body } = provider.token(form);
    if (typeof body.access_token === 'string') issued.push(body.access_token);
    return { status, body };
  };
  return {
    provider,
    answer,
    token,
    /** Every access token of before opens nothing any more, long before its time. */
    endAccess: () => {
      for (const one of issued) ended.add(one);
    },
    failNextRefresh: () => {
      faults++;
    },
  };
}

describe('the login of a plugin', () => {
  let template: Awaited<ReturnType<typeof buildTemplate>>;
  let home: string;
  let front: Front;
  let app: AppUnderTest;
  let service: ReturnType<typeof createService>;
  let provider: FakeIdentityProvider;

  beforeAll(async () => {
    template = await buildTemplate();
  }, 60_000);
  afterAll(() => template[Symbol.dispose]());
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'proxycast-home-'));
    service = createService();
    ({ provider } = service);
    front = await startFront(
      (request) => service.answer(request),
      (form) => service.token(form),
    );
    app = await startApp({ home });
  });
  afterEach(async () => {
    await app.stop();
    await front[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function setUp(): Promise<string> {
    const source = { type: 'file', path: template.path };
    await app.admin('POST', '/plugins/install', { source, consent: true });
    await app.admin('PUT', '/plugins/template/config', { settings: { endpoints: { api: front.baseUrl } } });
    const config = { refresh_token: provider.login('me@example.com').refreshToken };
    const added = await app.admin('POST', '/plugins/template/credentials', { auth_type: 'token', config });
    expect(added).toMatchObject({ status: 201, body: { state: { type: 'active' } } });
    return String((added.body as { readonly id: string }).id);
  }
  const chat = () =>
    fetch(`${app.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sample-chat', messages: [{ role: 'user', content: 'hi' }] }),
    });
  const stateOf = async () => {
    const { body } = await app.admin('GET', '/plugins/template/credentials');
    return (body as { readonly items: readonly { readonly state: unknown }[] }).items[0]?.state;
  };
  /** Refresh tokens are good once here: presented twice, the login would be over. */
  const mostSpends = (): number => Math.max(...provider.requests.map(({ presented }) => provider.spends(presented)));

  test('that a service refuses is renewed once, and requests that met the refusal wait for it and are answered', async () => {
    await setUp();
    expect((await chat()).status).toBe(200);
    const before = provider.requests.length;
    service.endAccess();
    const answers = await Promise.all(Array.from({ length: 40 }, chat));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    expect(provider.requests.length - before).toBe(1);
    expect(mostSpends()).toBe(1);
    expect(await stateOf()).toMatchObject({ type: 'active' });
  });

  test('is renewed ahead of its end, and what was renewed is used', async () => {
    const id = await setUp();
    const before = provider.requests.length;
    await app.stop();
    // As if most of its life had passed while nothing ran.
    const storage = await openStorage({
      location: {
        type: 'sqlite',
        path: join(home, 'proxycast.db'),
        workerUrl: new URL(import.meta.resolve('@proxycast/storage/sqlite-worker')),
      },
      masterKey: Buffer.alloc(32, 5),
      backupsDirectory: home,
      now: Date.now,
    });
    const row = await storage.pluginCredentials.getWithData(parseCredentialId(id));
    const { record, data } = row ?? {};
    const expiresAt = Date.now() + 1_000;
    const text = JSON.stringify({ ...JSON.parse(data?.reveal() ?? '{}'), expires_at: expiresAt });
    await storage.sharedState.refreshes.adopt(
      parseCredentialId(id),
      { fromVersion: record?.version ?? 0, data: new Secret(text), expiresAt },
      Date.now(),
    );
    await storage.close();
    service.endAccess();
    app = await startApp({ home });
    await expect.poll(() => provider.requests.length, { timeout: 10_000 }).toBe(before + 1);
    await expect.poll(async () => (await chat()).status, { timeout: 10_000 }).toBe(200);
    expect(mostSpends()).toBe(1);
  });

  test('is renewed for a person, also after a failure that rests it for everyone else', async () => {
    const id = await setUp();
    const refresh = () => app.admin('POST', `/plugins/template/credentials/${id}/refresh`);
    expect(await refresh()).toMatchObject({ status: 200, body: { ok: true } });
    service.failNextRefresh();
    expect(await refresh()).toMatchObject({ status: 200, body: { ok: false } });
    expect(await stateOf()).toMatchObject({ type: 'active' });
    expect(await refresh()).toMatchObject({ status: 200, body: { ok: true } });
    expect((await chat()).status).toBe(200);
    expect(mostSpends()).toBe(1);
  });

  test('that was ended at the service needs a login, and its token is not tried again', async () => {
    const id = await setUp();
    provider.endLogins('me@example.com');
    expect((await chat()).status).toBe(502);
    await expect.poll(stateOf).toMatchObject({ type: 'needs_login', reason: 'The login was used or revoked.' });
    const before = provider.requests.length;
    expect(await app.admin('POST', `/plugins/template/credentials/${id}/refresh`)).toMatchObject({
      body: { ok: false, message: 'The login was used or revoked.' },
    });
    expect(provider.requests.length).toBe(before);
  });
});
