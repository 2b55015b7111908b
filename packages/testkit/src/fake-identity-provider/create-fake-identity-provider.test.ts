import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../fake-clock.ts';
import { createFakeIdentityProvider, type FakeIdentityProvider } from './create-fake-identity-provider.ts';
import type { OAuthAnswer } from './oauth-answer.ts';

const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const CALLBACK = 'http://127.0.0.1:4711/callback';
const ACCOUNT = { account: 'me@example.com' };
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let clock: FakeClock;
let provider: FakeIdentityProvider;
beforeEach(() => {
  clock = createFakeClock();
  provider = createFakeIdentityProvider({ now: clock.now });
});

type Fields = Readonly<Record<string, string | undefined>>;
const form = (fields: Fields): URLSearchParams =>
  new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
const ask = (changes: Fields = {}) =>
  form({
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: CALLBACK,
    state: 'st4te',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  });
function backFrom(query: URLSearchParams, decision: Parameters<typeof provider.authorize>[1] = ACCOUNT) {
  const answer = provider.authorize(query, decision);
  return answer.type === 'page' ? answer : Object.fromEntries(new URL(answer.location).searchParams);
}
function codeOf(): string {
  const answer = provider.authorize(ask(), ACCOUNT);
  return answer.type === 'redirect' ? (new URL(answer.location).searchParams.get('code') ?? '') : '';
}
const redeem = (code: string, changes: Fields = {}): OAuthAnswer =>
  provider.token(
    form({
      grant_type: 'authorization_code',
      client_id: provider.clientId,
      code,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...changes,
    }),
  );
const refresh = (token: string, changes: Fields = {}, by?: string): OAuthAnswer =>
  provider.token(
    form({ grant_type: 'refresh_token', client_id: provider.clientId, refresh_token: token, ...changes }),
    by,
  );
const tokenIn = ({ body }: OAuthAnswer, name = 'refresh_token'): string => String(body[name]);

describe('a browser login', () => {
  test('goes from the request to tokens that open the account until they end', () => {
    const answer = redeem(codeOf());
    expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer', expires_in: 3_600 } });
    const token = tokenIn(answer, 'access_token');
    expect(provider.accountOf(token)).toBe('me@example.com');
    clock.advance(3_600_000);
    expect(provider.accountOf(token)).toBeUndefined();
  });

  test.each<[string, Fields, unknown]>([
    ['no state', { state: undefined }, { error: 'invalid_request' }],
    ['no challenge', { code_challenge: undefined }, { error: 'invalid_request', state: 'st4te' }],
    ['a plain challenge', { code_challenge_method: 'plain' }, { error: 'invalid_request' }],
    ['a challenge with padding', { code_challenge: `${CHALLENGE}=` }, { error: 'invalid_request' }],
    ['another response type', { response_type: 'token' }, { error: 'unsupported_response_type' }],
    ['an unknown scope', { scope: 'profile root' }, { error: 'invalid_scope' }],
    ['another client', { client_id: 'x' }, { type: 'page', status: 400 }],
    ['another callback', { redirect_uri: 'http://127.0.0.1:4711/other' }, { type: 'page', status: 400 }],
    ['another host', { redirect_uri: 'http://localhost:4711/callback' }, { type: 'page', status: 400 }],
    ['no callback', { redirect_uri: undefined }, { type: 'page', status: 400 }],
  ])('with %s is refused', (_name, changes, answer) => {
    expect(backFrom(ask(changes))).toMatchObject(answer ?? {});
  });

  test('with a parameter twice is refused, and so is what the person denies', () => {
    const twice = ask();
    twice.append('code_challenge', CHALLENGE);
    expect(backFrom(twice)).toMatchObject({ error: 'invalid_request' });
    expect(backFrom(ask(), 'denied')).toEqual({ error: 'access_denied', state: 'st4te' });
  });

  test.each<[string, Fields, string]>([
    ['another verifier', { code_verifier: 'w'.repeat(43) }, 'invalid_grant'],
    ['a short verifier', { code_verifier: 'v'.repeat(42) }, 'invalid_grant'],
    ['no verifier', { code_verifier: undefined }, 'invalid_request'],
    ['another callback', { redirect_uri: 'http://127.0.0.1:4712/callback' }, 'invalid_grant'],
    ['another client', { client_id: 'x' }, 'invalid_client'],
    ['a secret that it has not', { client_secret: 's' }, 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('whose code comes with %s is refused', (_name, changes, error) => {
    expect(redeem(codeOf(), changes)).toMatchObject({
      status: error === 'invalid_client' ? 401 : 400,
      body: { error },
    });
  });

  test('has a code that is good once, for a minute, and whose second use ends what came of the first', () => {
    const code = codeOf();
    const tokens = redeem(code);
    expect(redeem(code)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect(provider.accountOf(tokenIn(tokens, 'access_token'))).toBeUndefined();
    expect(refresh(tokenIn(tokens))).toMatchObject({ body: { error: 'invalid_grant' } });
    const late = codeOf();
    clock.advance(60_000);
    expect(redeem(late)).toMatchObject({ body: { error: 'invalid_grant' } });
    const wrong = codeOf();
    redeem(wrong, { code_verifier: 'w'.repeat(43) });
    expect(redeem(wrong)).toMatchObject({ body: { error: 'invalid_grant' } });
  });
});

describe('a refresh token', () => {
  test('is good once: another comes for it, and each spending is in the log', () => {
    const { refreshToken } = provider.login('me');
    const next = tokenIn(refresh(refreshToken, {}, 'us'));
    expect(next).not.toBe(refreshToken);
    expect(refresh(next, {}, 'them').status).toBe(200);
    expect([
      provider.spends(refreshToken),
      provider.spends(refreshToken, 'them'),
      provider.spends(next, 'them'),
    ]).toEqual([1, 0, 1]);
    expect(provider.requests.map(({ by, answer }) => [by, answer])).toEqual([
      ['us', 'tokens'],
      ['them', 'tokens'],
    ]);
  });

  test('that comes twice ends the whole login', () => {
    const { refreshToken } = provider.login('me');
    const other = provider.login('me');
    const next = refresh(refreshToken);
    expect(refresh(refreshToken)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect(provider.isTaken(tokenIn(next))).toBe(false);
    expect(provider.accountOf(tokenIn(next, 'access_token'))).toBeUndefined();
    expect(provider.isTaken(other.refreshToken)).toBe(true);
    provider.endLogins('me');
    expect(provider.isTaken(other.refreshToken)).toBe(false);
  });

  test('may come again in the grace window, counted from its first use, and not after it', () => {
    provider = createFakeIdentityProvider({ now: clock.now, tokens: { graceMs: 2_000, revokesFamily: false } });
    const { refreshToken } = provider.login('me');
    const first = tokenIn(refresh(refreshToken));
    clock.advance(1_500);
    const second = tokenIn(refresh(refreshToken));
    clock.advance(500);
    expect(refresh(refreshToken).status).toBe(200);
    clock.advance(1);
    expect(refresh(refreshToken)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect([first, second].map(provider.isTaken)).toEqual([true, true]);
    expect(first).not.toBe(second);
    expect(provider.spends(refreshToken)).toBe(4);
  });

  test('after the grace window ends the login where reuse is looked for', () => {
    provider = createFakeIdentityProvider({ now: clock.now, tokens: { graceMs: 2_000 } });
    const { refreshToken } = provider.login('me');
    const next = tokenIn(refresh(refreshToken));
    clock.advance(2_001);
    refresh(refreshToken);
    expect(provider.isTaken(next)).toBe(false);
  });

  test('stays where it is not rotated, ends when its time has come, and has only its own scope', () => {
    provider = createFakeIdentityProvider({ now: clock.now, tokens: { rotates: false, refreshLifetimeMs: 10_000 } });
    const { refreshToken } = provider.login('me');
    expect(refresh(refreshToken).body).not.toHaveProperty('refresh_token');
    expect(refresh(refreshToken, { scope: 'profile' }).status).toBe(200);
    expect(refresh(refreshToken, { scope: 'profile root' })).toMatchObject({ body: { error: 'invalid_scope' } });
    clock.advance(10_000);
    expect(refresh(refreshToken)).toMatchObject({ body: { error: 'invalid_grant' } });
    expect(refresh('made-up')).toMatchObject({ body: { error: 'invalid_grant' } });
  });

  test('that was revoked is none, and one that never was is revoked too', () => {
    const { refreshToken, accessToken } = provider.login('me');
    const revoke = (token: string) => provider.revoke(form({ client_id: provider.clientId, token }));
    expect([revoke('made-up').status, revoke(refreshToken).status]).toEqual([200, 200]);
    expect([provider.isTaken(refreshToken), provider.accountOf(accessToken)]).toEqual([false, undefined]);
  });
});

describe('a device login', () => {
  const start = () => {
    const { body } = provider.startDevice(form({ client_id: provider.clientId, scope: 'inference' }));
    return { device: String(body.device_code), user: String(body.user_code), body };
  };
  const poll = (device: string) => {
    const { body } = provider.token(
      form({ grant_type: DEVICE_GRANT, client_id: provider.clientId, device_code: device }),
    );
    return body.error ?? 'tokens';
  };

  test('waits for the person, and its code is good once', () => {
    const { device, user, body } = start();
    expect(body).toMatchObject({ interval: 5, expires_in: 900, verification_uri: 'https://id.example/device' });
    expect(poll(device)).toBe('authorization_pending');
    expect(provider.decideDevice('USER-9999', ACCOUNT)).toBe(false);
    expect(provider.decideDevice(user, ACCOUNT)).toBe(true);
    expect(provider.decideDevice(user, 'denied')).toBe(false);
    clock.advance(5_000);
    expect(poll(device)).toBe('tokens');
    clock.advance(5_000);
    expect(poll(device)).toBe('invalid_grant');
  });

  test('that is asked for too often has to wait five seconds longer each time', () => {
    const { device, user } = start();
    poll(device);
    clock.advance(4_999);
    expect(poll(device)).toBe('slow_down');
    provider.decideDevice(user, ACCOUNT);
    clock.advance(9_999);
    expect(poll(device)).toBe('slow_down');
    clock.advance(15_000);
    expect(poll(device)).toBe('tokens');
  });

  test('ends by a no, and by its time', () => {
    const denied = start();
    provider.decideDevice(denied.user, 'denied');
    expect(poll(denied.device)).toBe('access_denied');
    const late = start();
    clock.advance(900_000);
    expect(provider.decideDevice(late.user, ACCOUNT)).toBe(false);
    expect(poll(late.device)).toBe('expired_token');
    expect(poll('made-up')).toBe('invalid_grant');
  });
});
