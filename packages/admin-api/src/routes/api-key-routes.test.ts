import { parseProviderId } from '@proxycast/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, presetProvider, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
  await api.providers.insert(presetProvider('groq'));
  await api.providers.insert(presetProvider('mistral'));
});
afterEach(() => api.stop());

const isEnabled = async (id: string) => (await api.providers.get(parseProviderId(id)))?.enabled;

test('a key is stored whole and shown by its last characters only', async () => {
  const created = await api.call('POST', '/providers/groq/keys', { key: ' sk-0123456789abcdef\n', name: 'Main' });
  expect(created.json).toEqual({
    id: 'id-1',
    provider_id: 'groq',
    name: 'Main',
    hint: 'cdef',
    enabled: true,
    weight: null,
    state: { type: 'active', until: null, cause: null },
    resting_models: [],
    usage_count: 0,
    error_count: 0,
    last_used_at: null,
    created_at: START,
    updated_at: START,
  });
  expect(api.apiKeys.secrets.get('id-1')?.reveal()).toBe('sk-0123456789abcdef');
  const list = await api.call('GET', '/providers/groq/keys');
  expect(list.json).toEqual({ items: [created.json], next_cursor: null });
  const changed = await api.call('PATCH', '/providers/groq/keys/id-1', { key: 'sk-another-secret-0000' });
  expect(changed.json).toMatchObject({ hint: '0000' });
  expect(api.apiKeys.secrets.get('id-1')?.reveal()).toBe('sk-another-secret-0000');
  for (const { text } of [created, list, changed]) expect(text).not.toMatch(/0123456789|another/);
});

test('a key that rests says until when and why; a reset and another key lift it', async () => {
  await api.call('POST', '/providers/groq/keys', { key: 'sk-1', weight: 3 });
  const rest = () =>
    api.health.set('id-1', {
      state: { type: 'cooldown', until: START + 9, cause: 'authentication' },
      restingModels: [{ model: 'm', until: START + 5, cause: 'rate-limited' }],
    });
  rest();
  expect((await api.call('GET', '/providers/groq/keys')).json).toMatchObject({
    items: [
      {
        weight: 3,
        state: { type: 'cooldown', until: START + 9, cause: 'authentication' },
        resting_models: [{ model: 'm', until: START + 5, cause: 'rate-limited' }],
      },
    ],
  });
  const active = { state: { type: 'active', until: null, cause: null }, resting_models: [] };
  expect((await api.call('POST', '/providers/groq/keys/id-1/reset')).json).toMatchObject(active);
  rest();
  expect((await api.call('PATCH', '/providers/groq/keys/id-1', { key: 'sk-2', weight: null })).json).toMatchObject({
    ...active,
    weight: null,
  });
  expect((await api.call('POST', '/providers/mistral/keys/id-1/reset')).status).toBe(404);
});

test.each([
  ['weight', -1],
  ['weight', 1.5],
  ['weight', 1001],
  ['key', 'two words'],
])('%s of %s is refused by name', async (field, value) => {
  const answered = await api.call('POST', '/providers/groq/keys', { key: 'sk-1', [field]: value });
  expect(answered.status).toBe(400);
  expect(answered.json).toMatchObject({ error: { field } });
});

test('several cookies are a key', async () => {
  const answered = await api.call('POST', '/providers/groq/keys', { key: 'a=1; b=2' });
  expect(answered.status).toBe(201);
  expect(api.apiKeys.secrets.get('id-1')?.reveal()).toBe('a=1; b=2');
});

test('the first key enables a provider that came with ProxyCast', async () => {
  await api.call('POST', '/providers/groq/keys', { key: 'sk-1' });
  expect([await isEnabled('groq'), await isEnabled('mistral')]).toEqual([true, false]);
});

test('a later key does not enable what a person has disabled', async () => {
  await api.call('POST', '/providers/groq/keys', { key: 'sk-1' });
  await api.call('PATCH', '/providers/groq', { enabled: false });
  await api.call('POST', '/providers/groq/keys', { key: 'sk-2' });
  expect(await isEnabled('groq')).toBe(false);
});

test('a provider that a person defined as disabled stays so', async () => {
  await api.call('POST', '/providers', {
    id: 'mine',
    name: 'Mine',
    type: 'openai',
    api_host: 'http://127.0.0.1:9',
    enabled: false,
  });
  await api.call('POST', '/providers/mine/keys', { key: 'sk-1' });
  expect(await isEnabled('mine')).toBe(false);
});

test('a key is renamed, unnamed, disabled and deleted', async () => {
  await api.call('POST', '/providers/groq/keys', { key: 'sk-1', name: 'A' });
  const path = '/providers/groq/keys/id-1';
  expect((await api.call('PATCH', path, { enabled: false })).json).toMatchObject({ name: 'A', enabled: false });
  expect((await api.call('PATCH', path, { name: null })).json).toMatchObject({ name: null, enabled: false });
  expect((await api.call('DELETE', path)).status).toBe(204);
  expect((await api.call('GET', '/providers/groq/keys')).json).toEqual({ items: [], next_cursor: null });
});

test('a key is not reached through another provider', async () => {
  await api.call('POST', '/providers/groq/keys', { key: 'sk-1' });
  for (const method of ['PATCH', 'DELETE']) {
    expect((await api.call(method, '/providers/mistral/keys/id-1', {})).status).toBe(404);
  }
  expect(api.apiKeys.secrets.size).toBe(1);
});

test('a key may be a JSON document', async () => {
  const key = '{\n  "type": "service_account"\n}';
  expect((await api.call('POST', '/providers/groq/keys', { key })).status).toBe(201);
  expect(api.apiKeys.secrets.get('id-1')?.reveal()).toBe(key);
});

test.each([
  ['key', undefined],
  ['key', ''],
  ['key', '  '],
  ['key', 7],
  ['key', 'two words'],
  ['key', 'sk-1\r\nx-injected: 1'],
  ['key', 'schlüssel'],
  ['key', 'x'.repeat(16_385)],
  ['name', 7],
])('%s %j is refused by name', async (field, value) => {
  const answered = await api.call('POST', '/providers/groq/keys', { key: 'sk-1', [field]: value });
  expect(answered.status).toBe(400);
  expect(answered.json).toMatchObject({ error: { field } });
  expect(api.apiKeys.secrets.size).toBe(0);
});
