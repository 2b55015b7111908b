import { createHash } from 'node:crypto';
import type { PluginParams } from '@proxycast/spec/plugin';
import { describe, expect, test } from 'vitest';
import { defineProvider } from '../define-provider.ts';
import type { LoginCapability, ProviderDefinition } from '../provider-definition.ts';
import { createFakeHost } from '../testkit/fake-host.ts';
import type { FakeUpstream } from '../testkit/fake-upstream.ts';
import { startPlugin } from '../testkit/start-plugin.ts';
import { createBrowserLogin } from './create-browser-login.ts';
import { createDeviceLogin } from './create-device-login.ts';
import { createPkce, createState } from './pkce.ts';
import { readCallback } from './read-callback.ts';
import { readJwtClaims } from './read-jwt-claims.ts';
import { requestToken } from './request-token.ts';

const ORIGIN = 'https://auth.example.com';
const NOW = Date.UTC(2026, 10, 1);

function providerWith(login: LoginCapability): ProviderDefinition {
  return defineProvider({
    id: 'sample',
    credential: { parse: () => ({ type: 'refused', faults: [{ message: 'Log in instead.' }] }) },
    login,
    request: {
      prepare: () => ({ type: 'refused', kind: 'unavailable', code: 'none', message: 'Not part of this test.' }),
    },
  });
}

test('PKCE as in RFC 7636, appendix B', () => {
  const octets = Uint8Array.of(
    116,
    24,
    223,
    180,
    151,
    153,
    224,
    37,
    79,
    250,
    96,
    125,
    216,
    173,
    187,
    186,
    22,
    212,
    37,
    77,
    105,
    214,
    191,
    240,
    91,
    88,
    5,
    88,
    83,
    132,
    141,
    121,
  );
  expect(createPkce(32, () => octets)).toEqual({
    verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    method: 'S256',
  });
  expect(createState()).not.toBe(createState());
});

test.each([
  { text: '?code=abc-123&state=S', reading: { type: 'code', code: 'abc-123' } },
  { text: 'http://127.0.0.1:3000/cb?state=S&code=a%2Fb', reading: { type: 'code', code: 'a/b' } },
  { text: ' tool://app/done?code=abcd&state=S \n', reading: { type: 'code', code: 'abcd' } },
  { text: 'https://x.example/#code=abcd&state=S', reading: { type: 'code', code: 'abcd' } },
  { text: 'code=abcd&state=S', reading: { type: 'code', code: 'abcd' } },
  { text: 'abcd-efgh#S', reading: { type: 'code', code: 'abcd-efgh' } },
  { text: 'abcd-efgh', reading: { type: 'code', code: 'abcd-efgh' } },
  { text: '', reading: { type: 'refused', code: 'empty' } },
  { text: 'a b c', reading: { type: 'refused', code: 'no_code' } },
  { text: 'abcd-efgh#T', reading: { type: 'refused', code: 'state_mismatch' } },
  { text: '?code=abcd&state=T', reading: { type: 'refused', code: 'state_mismatch' } },
  { text: '?code=abcd', reading: { type: 'refused', code: 'state_mismatch' } },
  {
    text: '?error=access_denied&error_description=No&state=S',
    reading: { type: 'refused', code: 'access_denied', message: 'No' },
  },
  { text: '?error=access_denied', reading: { type: 'refused', code: 'state_mismatch' } },
  { text: '?state=S', reading: { type: 'refused', code: 'no_code' } },
])('a callback $text', ({ text, reading }) => {
  expect(readCallback(text, 'S')).toMatchObject(reading);
});

test('claims of a token, where it is one', () => {
  const token = `x.${Buffer.from('{"email":"a@example.com"}').toString('base64url')}.y`;
  expect(readJwtClaims(token)).toEqual({ email: 'a@example.com' });
  for (const odd of ['opaque', 'a.b', 'a.!!.c', `a.${Buffer.from('[1]').toString('base64url')}.c`]) {
    expect(readJwtClaims(odd)).toBeUndefined();
  }
});

describe('the browser flow', () => {
  /** Exchanges each code once, with the verifier of its challenge. */
  function createAuthService(): { upstream: FakeUpstream; challengeOf: Map<string, string> } {
    const challengeOf = new Map<string, string>();
    return {
      challengeOf,
      upstream: ({ method, url, form, headers }) => {
        if (method !== 'POST' || url.pathname !== '/token') return undefined;
        if (headers.get('content-type') !== 'application/x-www-form-urlencoded') return { status: 415 };
        const fields = form();
        const challenge = challengeOf.get(fields.get('code') ?? '');
        challengeOf.delete(fields.get('code') ?? '');
        const given = createHash('sha256')
          .update(fields.get('code_verifier') ?? '')
          .digest('base64url');
        if (challenge !== given)
          return { status: 400, body: { error: 'invalid_grant', error_description: 'Bad code' } };
        return { body: { access_token: 'at-1', refresh_token: 'rt-1', expires_in: 3600, token_type: 'Bearer' } };
      },
    };
  }
  const login = createBrowserLogin({
    authorize({ params, pkce, state }) {
      const redirectUri = params.callback_url ?? `${ORIGIN}/show-code`;
      const query = new URLSearchParams({ code_challenge: pkce.challenge, state, redirect_uri: redirectUri });
      return { url: `${ORIGIN}/authorize?${query}`, redirectUri };
    },
    async exchange({ code, pkce, redirectUri }, { host, now }) {
      const answer = await requestToken({
        http: host.http,
        url: `${ORIGIN}/token`,
        fields: { grant_type: 'authorization_code', code, code_verifier: pkce.verifier, redirect_uri: redirectUri },
        now,
      });
      if (answer.type === 'failed') return { failed: answer.description };
      return { auth_type: 'oauth', data: { access: answer.accessToken }, expires_at: answer.expiresAt ?? 0 };
    },
  });

  async function begin(loginId: string, callback: boolean) {
    const service = createAuthService();
    const plugin = await startPlugin(providerWith(login), {
      now: () => NOW,
      host: createFakeHost({ upstreams: { [ORIGIN]: service.upstream } }),
    });
    const started = await plugin.call('login.start', {
      login_id: loginId,
      auth_type: 'oauth',
      ...(callback ? { callback_url: 'http://127.0.0.1:4567/cb' } : {}),
    });
    if (started.type !== 'browser') throw new Error(`It began with ${started.type}.`);
    const query = new URL(started.url).searchParams;
    service.challengeOf.set('code-1', query.get('code_challenge') ?? '');
    return { plugin, started, state: query.get('state') ?? '' };
  }
  const done = {
    type: 'done',
    credential: { auth_type: 'oauth', data: { access: 'at-1' }, expires_at: NOW + 3_600_000 },
  };

  test('ends by the callback, once', async () => {
    const { plugin, started, state } = await begin('l1', true);
    expect(started.ends_by).toEqual(['callback', 'paste']);
    const complete = { login_id: 'l1', callback_query: `code=code-1&state=${state}` };
    expect(await plugin.call('login.complete', complete)).toMatchObject(done);
    expect(await plugin.call('login.complete', complete)).toMatchObject({ type: 'failed', code: 'expired' });
    await plugin.stop();
  });

  test('ends by what was pasted, also after a wrong paste', async () => {
    const { plugin, started, state } = await begin('l2', false);
    expect(started.ends_by).toEqual(['paste']);
    const paste = (pasted: string): PluginParams<'login.complete'> => ({ login_id: 'l2', pasted });
    expect(await plugin.call('login.complete', paste('x'))).toMatchObject({ type: 'failed', code: 'no_code' });
    expect(await plugin.call('login.complete', paste(`code-1#${state}`))).toMatchObject(done);
    await plugin.stop();
  });

  test('somebody else’s answer does not end it; a refusal does', async () => {
    const { plugin, state } = await begin('l3', true);
    const answer = async (callback_query: string) =>
      (await plugin.call('login.complete', { login_id: 'l3', callback_query })) as { code?: string };
    expect((await answer('code=evil&state=other')).code).toBe('state_mismatch');
    expect((await answer('error=access_denied&state=other')).code).toBe('state_mismatch');
    expect((await answer(`error=access_denied&state=${state}`)).code).toBe('access_denied');
    expect((await answer(`code=code-1&state=${state}`)).code).toBe('expired');
    await plugin.stop();
  });

  test('what is cancelled is gone', async () => {
    const { plugin, state } = await begin('l4', true);
    await plugin.call('login.cancel', { login_id: 'l4' });
    const answer = await plugin.call('login.complete', {
      login_id: 'l4',
      callback_query: `code=code-1&state=${state}`,
    });
    expect(answer).toMatchObject({ type: 'failed', code: 'expired' });
    await plugin.stop();
  });
});

describe('the device flow', () => {
  async function begin(answers: readonly { status: number; body: object }[]) {
    const queue = [...answers];
    let nowMs = NOW;
    const login = createDeviceLogin<{ deviceCode: string }>({
      begin: async () => ({
        userCode: 'ABCD-EFGH',
        verificationUrl: `${ORIGIN}/device`,
        intervalMs: 5000,
        expiresInMs: 600_000,
        kept: { deviceCode: 'dc' },
      }),
      poll: ({ deviceCode }, { host, now }) =>
        requestToken({
          http: host.http,
          url: `${ORIGIN}/token`,
          fields: { device_code: deviceCode },
          encoding: 'json',
          now,
        }),
      finish: async (tokens) => ({ auth_type: 'device', data: { access: tokens.accessToken } }),
    });
    const host = createFakeHost({ upstreams: { [ORIGIN]: () => queue.shift() } });
    const plugin = await startPlugin(providerWith(login), { host, now: () => nowMs });
    const started = await plugin.call('login.start', { login_id: 'd1', auth_type: 'device' });
    expect(started).toMatchObject({ type: 'device_code', user_code: 'ABCD-EFGH', interval_ms: 5000 });
    return {
      host,
      plugin,
      poll: async (afterMs: number) => {
        nowMs += afterMs;
        const { attachment: _, ...answer } = await plugin.call('login.poll', { login_id: 'd1' });
        return answer;
      },
    };
  }
  const pending = { status: 400, body: { error: 'authorization_pending' } };

  test('waits, slows down when told to, and ends', async () => {
    const { host, poll, plugin } = await begin([
      pending,
      { status: 400, body: { error: 'slow_down' } },
      { status: 200, body: { accessToken: 'at-2', expiresIn: 3600 } },
    ]);
    expect(await poll(0)).toEqual({ type: 'pending', retry_after_ms: 5000 });
    expect(host.requests).toHaveLength(0);
    expect(await poll(5000)).toEqual({ type: 'pending', retry_after_ms: 5000 });
    expect(await poll(5000)).toEqual({ type: 'pending', retry_after_ms: 10_000 });
    expect(await poll(5000)).toEqual({ type: 'pending', retry_after_ms: 5000 });
    expect(host.requests).toHaveLength(2);
    expect(await poll(5000)).toEqual({ type: 'done', credential: { auth_type: 'device', data: { access: 'at-2' } } });
    expect(await poll(5000)).toMatchObject({ type: 'failed', code: 'expired' });
    await plugin.stop();
  });

  test.each([
    {
      name: 'a refusal ends it',
      answer: { status: 400, body: { error: 'access_denied' } },
      seen: { type: 'failed', code: 'access_denied' },
    },
    {
      name: 'a stumble does not',
      answer: { status: 503, body: {} },
      seen: { type: 'pending', retry_after_ms: 10_000 },
    },
  ])('$name', async ({ answer, seen }) => {
    const { poll, plugin } = await begin([answer]);
    expect(await poll(5000)).toMatchObject(seen);
    await plugin.stop();
  });

  test('runs out', async () => {
    const { poll, plugin } = await begin([]);
    expect(await poll(600_001)).toMatchObject({ type: 'failed', code: 'expired' });
    await plugin.stop();
  });
});
