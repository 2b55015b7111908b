import { expect, test } from 'vitest';
import { createGate } from '../gate.ts';
import { type RunningIdentityProvider, startFakeIdentityProvider } from './start-fake-identity-provider.ts';

const refresh = (provider: RunningIdentityProvider, token: string): Promise<Response> =>
  fetch(`${provider.origin}/token`, {
    method: 'POST',
    headers: { 'user-agent': 'us' },
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: provider.clientId, refresh_token: token }),
  });

test('is reached by forms, and keeps who asked', async () => {
  await using provider = await startFakeIdentityProvider();
  const { refreshToken, accessToken } = provider.login('me');
  const account = (token: string) =>
    fetch(`${provider.origin}/account`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await account(accessToken)).json()).toEqual({ account: 'me' });
  expect((await account('x')).status).toBe(401);
  const answer = await refresh(provider, refreshToken);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(provider.spends(refreshToken, 'us')).toBe(1);
  const json = await fetch(`${provider.origin}/token`, { method: 'POST', body: '{}' });
  expect([json.status, await json.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  const long = await fetch(`${provider.origin}/token`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'x'.repeat(70_000) }),
  });
  expect(long.status).toBe(400);
  expect((await fetch(`${provider.origin}/token`)).status).toBe(404);
});

test('sends a browser back, shows a page where it must not, and starts device logins', async () => {
  await using provider = await startFakeIdentityProvider({ decide: () => 'denied' });
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: 'http://127.0.0.1:1/callback',
    state: 's',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  });
  const visit = (text: string) => fetch(`${provider.origin}/authorize?${text}`, { redirect: 'manual' });
  const back = await visit(query.toString());
  expect([back.status, back.headers.get('location')]).toEqual([
    302,
    'http://127.0.0.1:1/callback?error=access_denied&state=s',
  ]);
  expect((await visit('')).status).toBe(400);
  const body = new URLSearchParams({ client_id: provider.clientId });
  const device = await fetch(`${provider.origin}/device_authorization`, { method: 'POST', body });
  expect(await device.json()).toMatchObject({ verification_uri: `${provider.origin}/device` });
  const revoked = new URLSearchParams({ client_id: provider.clientId, token: provider.login('me').refreshToken });
  expect((await fetch(`${provider.origin}/revoke`, { method: 'POST', body: revoked })).status).toBe(200);
});

test('refuses without spending, loses an answer after spending, and holds one', async () => {
  await using provider = await startFakeIdentityProvider();
  const gate = createGate();
  const { refreshToken } = provider.login('me');
  const other = provider.login('me').refreshToken;
  provider.enqueue(
    { type: 'refuse', status: 503, retryAfterSeconds: 7 },
    { type: 'lose' },
    { type: 'hold', gate, when: 'before' },
  );
  const refused = await refresh(provider, refreshToken);
  expect([refused.status, refused.headers.get('retry-after'), provider.requests.length]).toEqual([503, '7', 0]);
  await expect(refresh(provider, refreshToken)).rejects.toThrow();
  expect(provider.spends(refreshToken)).toBe(1);
  const held = refresh(provider, other);
  await gate.arrived(1);
  expect(provider.spends(other)).toBe(0);
  gate.open();
  expect((await held).status).toBe(200);
});
