import { createHash } from 'node:crypto';
import { parseClientKeyId } from '@proxycast/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, readField, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

test('a new key is shown once and kept only as its SHA-256', async () => {
  const created = await api.call('POST', '/client-keys', {
    name: ' Laptop ',
    expires_at: START + 1000,
    allowed_models: ['gpt-*'],
    allowed_providers: ['openai'],
    default_parameters: { temperature: 0.2 },
  });
  const key = String(readField(created.json, 'key'));
  expect(key).toMatch(/^pc-[\w-]{43}$/);
  expect(created.json).toEqual({
    id: 'id-1',
    key,
    name: 'Laptop',
    prefix: key.slice(0, 8),
    created_at: START,
    updated_at: START,
    revoked_at: null,
    expires_at: START + 1000,
    allowed_models: ['gpt-*'],
    allowed_providers: ['openai'],
    default_parameters: { temperature: 0.2 },
  });
  expect((await api.clientKeys.get(parseClientKeyId('id-1')))?.sha256).toBe(
    createHash('sha256').update(key).digest('hex'),
  );
  const one = await api.call('GET', '/client-keys/id-1');
  const list = await api.call('GET', '/client-keys');
  expect(list.json).toEqual({ items: [one.json], next_cursor: null });
  for (const answered of [one, list]) {
    expect(answered.text).not.toContain(key);
    expect(answered.text).not.toContain('sha256');
  }
});

test('two keys are not the same', async () => {
  const keys = [await api.call('POST', '/client-keys'), await api.call('POST', '/client-keys', {})];
  expect(new Set(keys.map(({ json }) => readField(json, 'key'))).size).toBe(2);
});

test('a revoked key stays revoked since the first time', async () => {
  await api.call('POST', '/client-keys', {});
  api.advance(5);
  expect((await api.call('PATCH', '/client-keys/id-1', { revoked: true })).json).toMatchObject({
    revoked_at: START + 5,
  });
  api.advance(5);
  expect((await api.call('PATCH', '/client-keys/id-1', { revoked: true })).json).toMatchObject({
    revoked_at: START + 5,
  });
  expect((await api.call('PATCH', '/client-keys/id-1', { revoked: false })).status).toBe(400);
});

test('a change touches what it names, and null lifts a limit', async () => {
  await api.call('POST', '/client-keys', { name: 'A', allowed_models: ['x'], expires_at: START + 9 });
  const changed = await api.call('PATCH', '/client-keys/id-1', { allowed_models: null, name: 'B' });
  expect(changed.json).toMatchObject({ name: 'B', allowed_models: null, expires_at: START + 9 });
});

test('a deleted key is gone', async () => {
  await api.call('POST', '/client-keys', {});
  expect((await api.call('DELETE', '/client-keys/id-1')).status).toBe(204);
  for (const method of ['GET', 'DELETE']) expect((await api.call(method, '/client-keys/id-1')).status).toBe(404);
});

test.each([
  ['name', 7],
  ['name', ''],
  ['name', 'line\nbreak'],
  ['name', 'x'.repeat(101)],
  ['expires_at', '2027-01-01'],
  ['expires_at', 1.5],
  ['expires_at', START],
  ['allowed_models', 'gpt-*'],
  ['allowed_models', []],
  ['allowed_providers', 'openai'],
  ['default_parameters', []],
  ['default_parameters', 'x'],
])('%s %j is refused by name, at creation and change', async (field, value) => {
  await api.call('POST', '/client-keys', {});
  for (const [method, path] of [
    ['POST', '/client-keys'],
    ['PATCH', '/client-keys/id-1'],
  ] as const) {
    const answered = await api.call(method, path, { [field]: value });
    expect(answered.status).toBe(400);
    expect(answered.json).toMatchObject({ error: { code: 'invalid_request', field } });
  }
  expect(await api.clientKeys.list()).toHaveLength(1);
});

test('a wrong entry of a list is named by its place', async () => {
  const answered = await api.call('POST', '/client-keys', { allowed_providers: ['openai', 'a/b'] });
  expect(answered.json).toMatchObject({ error: { field: 'allowed_providers.1' } });
});
