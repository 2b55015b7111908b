import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

test('settings answer with defaults until they are set, and again after null', async () => {
  const before = await api.call('GET', '/settings');
  expect(before.json).toMatchObject({ 'server.allowed_hosts': [], 'limits.max_attempts': 8 });
  const changed = await api.call('PATCH', '/settings', {
    'limits.max_attempts': 3,
    'server.allowed_hosts': ['a.lan'],
    'routing.default_provider': 'groq',
  });
  expect(changed.json).toMatchObject({
    'limits.max_attempts': 3,
    'server.allowed_hosts': ['a.lan'],
    'routing.default_provider': 'groq',
  });
  expect((await api.call('GET', '/settings')).json).toEqual(changed.json);
  await api.call('PATCH', '/settings', {
    'limits.max_attempts': null,
    'server.allowed_hosts': null,
    'routing.default_provider': null,
  });
  expect((await api.call('GET', '/settings')).json).toEqual(before.json);
  expect(await api.settings.all()).toEqual({});
});

test.each([
  ['limits.max_attempts', 0],
  ['limits.max_attempts', '3'],
  ['limits.max_body_bytes', 1],
  ['timeouts.upstream_head_ms', 1],
  ['server.allowed_hosts', 'a.lan'],
  ['server.allowed_hosts', ['https://a.lan']],
  ['server.allowed_hosts', ['a.lan:80']],
  ['server.allowed_hosts', ['*']],
  ['routing.default_provider', 'a/b'],
])('%s %j is refused, and nothing of the request is stored', async (key, value) => {
  const answered = await api.call('PATCH', '/settings', { 'timeouts.upstream_idle_ms': 1000, [key]: value });
  expect(answered.status).toBe(400);
  expect(answered.text).toContain(key);
  expect(await api.settings.all()).toEqual({});
});

test('a stored value that is no longer valid gives way to the default', async () => {
  await api.settings.set({ 'limits.max_attempts': 'many', 'no.longer.there': 1 }, START);
  const { json } = await api.call('GET', '/settings');
  expect(json).toMatchObject({ 'limits.max_attempts': 8 });
  expect(json).not.toHaveProperty('no.longer.there');
});
