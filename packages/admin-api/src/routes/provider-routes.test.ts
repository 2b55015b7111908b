import { parseProviderId } from '@proxycast/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type AdminApiUnderTest,
  presetProvider,
  readField,
  START,
  startAdminApi,
} from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
  await api.providers.insert(presetProvider('groq'));
});
afterEach(() => api.stop());

const OWN = { name: 'Mine', type: 'openai', api_host: 'http://127.0.0.1:9/v1' };

test('a provider of one’s own gets an id, the custom group, the last place, and is enabled', async () => {
  const created = await api.call('POST', '/providers', OWN);
  expect(created.json).toEqual({
    id: 'custom-id-1',
    ...OWN,
    is_system: false,
    group_name: 'custom',
    enabled: true,
    sort_order: 9999,
    api_version: null,
    project: null,
    location: null,
    region: null,
    models: null,
    auth_header: null,
    auth_prefix: null,
    extra_headers: null,
    key_choice: null,
    preset_host: null,
    created_at: START,
    updated_at: START,
  });
  expect((await api.call('GET', '/providers/custom-id-1')).json).toEqual(created.json);
  const { json } = await api.call('GET', '/providers');
  expect(json).toMatchObject({ items: [{ id: 'groq' }, { id: 'custom-id-1' }], next_cursor: null });
});

test('all its fields can be given', async () => {
  const given = {
    id: 'my-vertex',
    name: 'V',
    type: 'vertexai',
    enabled: false,
    group_name: 'cloud',
    sort_order: 3,
    project: 'p-1',
    location: 'us-central1',
    models: ['m1'],
  };
  expect((await api.call('POST', '/providers', given)).json).toMatchObject({ ...given, api_host: '' });
});

test.each(['groq', 'built-in'])('the id %s is taken', async (id) => {
  const answered = await api.call('POST', '/providers', { ...OWN, id });
  expect(answered.status).toBe(409);
  expect(answered.json).toMatchObject({ error: { code: 'provider_exists', field: 'id' } });
});

test.each([
  ['id', 'a/b'],
  ['id', 'a:b'],
  ['id', ''],
  ['name', ''],
  ['type', 'nothing'],
  ['type', 7],
  ['api_host', ''],
  ['api_host', 'example.com'],
  ['api_host', 'ftp://example.com'],
  ['api_host', 'javascript:alert(1)'],
  ['api_host', 'https://user:pass@example.com'],
  ['api_host', 'https://example.com/?key=x'],
  ['api_host', 'https://example.com/#x'],
  ['enabled', 'yes'],
  ['sort_order', -1],
  ['region', 'eu-central-1'],
  ['project', 'a b'],
  ['models', ['a b']],
  ['models', 'm1'],
])('creation refuses %s %j by name', async (field, value) => {
  const answered = await api.call('POST', '/providers', { ...OWN, [field]: value });
  expect(answered.status).toBe(400);
  const named = String(readField(readField(answered.json, 'error'), 'field'));
  expect(named.split('.')[0]).toBe(field);
});

test.each(['name', 'type', 'api_host'])('creation refuses a provider without %s', async (field) => {
  const body = Object.fromEntries(Object.entries(OWN).filter(([name]) => name !== field));
  expect((await api.call('POST', '/providers', body)).json).toMatchObject({ error: { field } });
});

test.each(['https://example.com/v1#', 'https://example.com/', 'http://[::1]:11434'])(
  'the host %s is kept as it was written',
  async (apiHost) => {
    expect((await api.call('PATCH', '/providers/groq', { api_host: apiHost })).json).toMatchObject({
      api_host: apiHost,
    });
  },
);

test('a change touches what it names; a host with places to fill in does not stop it', async () => {
  await api.providers.update(parseProviderId('groq'), { apiHost: 'https://{resource}.example' }, START);
  api.advance(5);
  const changed = await api.call('PATCH', '/providers/groq', { enabled: true, models: ['a'], name: 'Groq' });
  expect(changed.json).toMatchObject({
    enabled: true,
    models: ['a'],
    name: 'Groq',
    api_host: 'https://{resource}.example',
    updated_at: START + 5,
  });
  expect((await api.call('PATCH', '/providers/groq', { models: null })).json).toMatchObject({ models: null });
});

test('how a provider of one’s own is called is kept, changed and cleared', async () => {
  const call = {
    auth_header: 'X-Key',
    auth_prefix: 'Token ',
    extra_headers: { 'X-Team': 'a b', 'openai-organization': 'org' },
    key_choice: 'weighted',
  };
  const created = await api.call('POST', '/providers', { ...OWN, id: 'mine', ...call });
  expect(created.json).toMatchObject({
    ...call,
    auth_header: 'x-key',
    extra_headers: { 'x-team': 'a b', 'openai-organization': 'org' },
  });
  const next = { auth_header: 'none', auth_prefix: '', extra_headers: {}, key_choice: 'fill_first' };
  expect((await api.call('PATCH', '/providers/mine', next)).json).toMatchObject(next);
  const cleared = { auth_header: null, auth_prefix: null, extra_headers: null, key_choice: null };
  expect((await api.call('PATCH', '/providers/mine', cleared)).json).toMatchObject(cleared);
});

test.each([
  ['auth_header', { auth_header: 'x key' }],
  ['auth_header', { auth_header: 'content-length' }],
  ['auth_prefix', { auth_prefix: 'a\r\nb' }],
  ['extra_headers.authorization', { extra_headers: { authorization: 'Bearer x' } }],
  ['extra_headers.Host', { extra_headers: { Host: 'elsewhere' } }],
  ['extra_headers.x-a', { extra_headers: { 'x-a': 'b\nc' } }],
  ['extra_headers', { extra_headers: ['x'] }],
  ['key_choice', { key_choice: 'best' }],
  ['preset_host', { preset_host: 'https://example.com' }],
])('%s is refused by name', async (field, body) => {
  const answered = await api.call('POST', '/providers', { ...OWN, ...body });
  expect(answered.status).toBe(400);
  expect(answered.json).toMatchObject({ error: { field } });
});

test('a new type drops the fields it has no meaning for', async () => {
  await api.call('POST', '/providers', { id: 'v', name: 'V', type: 'vertexai', project: 'p', location: 'l' });
  const withoutHost = await api.call('PATCH', '/providers/v', { type: 'openai' });
  expect(withoutHost.json).toMatchObject({ error: { field: 'api_host' } });
  const changed = await api.call('PATCH', '/providers/v', { type: 'openai', api_host: 'https://example.com' });
  expect(changed.json).toMatchObject({ type: 'openai', project: null, location: null });
});

test('a provider that came with ProxyCast is not deleted; the message says the way out', async () => {
  const answered = await api.call('DELETE', '/providers/groq');
  expect(answered.status).toBe(409);
  expect(answered.json).toMatchObject({ error: { code: 'provider_is_system' } });
  expect(answered.text).toContain('Disable it');
  expect(await api.providers.get(parseProviderId('groq'))).toBeDefined();
});

test('a provider of one’s own is deleted', async () => {
  await api.call('POST', '/providers', { ...OWN, id: 'mine' });
  expect((await api.call('DELETE', '/providers/mine')).status).toBe(204);
  expect((await api.call('GET', '/providers/mine')).status).toBe(404);
});

test('a test answers with the upstream’s refusal', async () => {
  expect((await api.call('POST', '/providers/groq/test')).json).toEqual({
    ok: false,
    latency_ms: 12,
    model: null,
    status: 401,
    error: { code: 'wrong_key', message: 'No.' },
    results: [{ key_id: 'k1', ok: false, code: 'wrong_key', message: 'No.', latency_ms: 12, status: 401, model: null }],
  });
});

test('the live models are listed', async () => {
  expect((await api.call('GET', '/providers/groq/models')).json).toEqual({
    items: [
      { id: 'm1', owned_by: 'them', is_live: true, is_stored: false },
      { id: 'm2', owned_by: null, is_live: false, is_stored: true },
    ],
    next_cursor: null,
  });
});
