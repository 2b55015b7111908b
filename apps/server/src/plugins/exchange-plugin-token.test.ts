import type { PluginSupervisor } from '@proxycast/plugin-host';
import { PluginError, type PluginErrorCode, parseCredentialId, Secret } from '@proxycast/spec';
import type { CredentialRefreshResult } from '@proxycast/spec/plugin';
import { expect, test } from 'vitest';
import { exchangePluginToken } from './exchange-plugin-token.ts';

const credential = {
  record: {
    id: parseCredentialId('c'),
    pluginId: 'sample',
    authType: 'oauth',
    enabled: true,
    status: { type: 'active' },
    version: 1,
    stats: { usageCount: 0, errorCount: 0 },
    createdAt: 0,
    updatedAt: 0,
  },
  data: new Secret('{"auth_type":"oauth","data":{"refresh_token":"rt"}}'),
} as const;

const render = (value: unknown): string => JSON.stringify(value);
function exchange(answer: () => Promise<CredentialRefreshResult>, methods: readonly string[] = ['credential.refresh']) {
  const asked: unknown[] = [];
  const call = async (...params: readonly unknown[]) => {
    asked.push(params);
    return { result: await answer(), attachment: new Uint8Array() };
  };
  const state = { type: 'running', since: 0, capabilities: { methods } };
  const supervisor = { call, state } as unknown as PluginSupervisor;
  return { asked, result: exchangePluginToken({ supervisor }, credential, 'expiry', render) };
}

test('what the plugin renewed is the new secret, whole, with its end', async () => {
  const { asked, result } = exchange(async () => ({
    type: 'refreshed',
    data: { refresh_token: 'next' },
    expires_at: 9,
  }));
  const renewed = await result;
  expect(renewed).toMatchObject({ type: 'renewed', expiresAt: 9 });
  const text = renewed.type === 'renewed' ? renewed.data.reveal() : '';
  expect(JSON.parse(text)).toEqual({ auth_type: 'oauth', data: { refresh_token: 'next' }, expires_at: 9 });
  const params = { credential: { id: 'c', auth_type: 'oauth', data: { refresh_token: 'rt' } }, reason: 'expiry' };
  expect(asked).toEqual([['credential.refresh', params, { deadlineMs: 60_000 }]]);
});

test.each<[CredentialRefreshResult, unknown]>([
  [
    { type: 'failed', code: 'busy', message: 'Later.', retry_after_ms: 7 },
    { type: 'failed', message: 'Later.', retryAfterMs: 7 },
  ],
  [
    { type: 'failed', code: 'busy', message: 'Later.', condition: { type: 'refresh' } },
    { type: 'failed', message: 'Later.' },
  ],
  [
    { type: 'failed', code: 'invalid_grant', message: '-', condition: { type: 'needs_login', reason: 'Revoked.' } },
    { type: 'refused', status: { type: 'needs_login', reason: 'Revoked.' } },
  ],
  [
    { type: 'failed', code: 'closed', message: '-', condition: { type: 'suspended', words: 'Closed.' } },
    { type: 'refused', status: { type: 'suspended', words: 'Closed.' } },
  ],
])('the plugin’s %o means %o', async (answer, result) => {
  expect(await exchange(async () => answer).result).toEqual(result);
});

test.each<[PluginErrorCode, string | undefined, 'tried again' | 'not known']>([
  ['plugin_not_running', undefined, 'tried again'],
  ['plugin_cannot_start', undefined, 'tried again'],
  ['plugin_failed', 'unreachable', 'tried again'],
  ['plugin_failed', 'host_unknown', 'tried again'],
  ['plugin_failed', 'not_granted', 'tried again'],
  ['plugin_failed', 'no_such_method', 'tried again'],
  ['plugin_failed', 'cut_off', 'not known'],
  ['plugin_failed', 'timeout', 'not known'],
  ['plugin_failed', undefined, 'not known'],
  ['plugin_crashed', undefined, 'not known'],
  ['plugin_timeout', undefined, 'not known'],
  ['plugin_protocol', undefined, 'not known'],
])('after %s (%s) the token is %s', async (code, pluginCode, verdict) => {
  const details = { plugin: 'sample', code, message: 'It did not.', retryAfterMs: 5 };
  const error = new PluginError(pluginCode === undefined ? details : { ...details, pluginCode });
  const { result } = exchange(() => Promise.reject(error));
  if (verdict === 'not known') await expect(result).rejects.toBe(error);
  else expect(await result).toEqual({ type: 'failed', message: 'It did not.', retryAfterMs: 5 });
});

test('a plugin that cannot renew is not asked to', async () => {
  const { asked, result } = exchange(() => Promise.reject(new Error('It was asked.')), ['credential.parse']);
  expect(await result).toMatchObject({ type: 'failed', message: 'The plugin sample cannot renew its logins.' });
  expect(asked).toEqual([]);
});

test('a plugin that is not there spends nothing', async () => {
  expect(await exchangePluginToken(undefined, credential, 'expiry', render)).toMatchObject({ type: 'failed' });
});
