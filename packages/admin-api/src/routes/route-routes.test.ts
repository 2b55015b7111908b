import { InvalidRequestError } from '@proxycast/spec';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, readField, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

const ALIAS = { pattern: 'fast', targets: [{ provider: 'groq', model: 'llama' }] };

test('a route is made, listed in order, changed and deleted', async () => {
  const created = await api.call('POST', '/routes', ALIAS);
  expect(created.json).toEqual({
    id: 'id-1',
    ...ALIAS,
    sort_order: 100,
    enabled: true,
    default_parameters: null,
    output: null,
    created_at: START,
    updated_at: START,
  });
  await api.call('POST', '/routes', { pattern: 'gpt-*', targets: [{ provider: 'openai' }], sort_order: 1 });
  expect((await api.call('GET', '/routes')).json).toMatchObject({ items: [{ id: 'id-2' }, { id: 'id-1' }] });
  const changed = await api.call('PATCH', '/routes/id-1', { enabled: false, default_parameters: { seed: 1 } });
  expect(changed.json).toMatchObject({ ...ALIAS, enabled: false, default_parameters: { seed: 1 } });
  expect((await api.call('PATCH', '/routes/id-1', { default_parameters: null })).json).toMatchObject({
    default_parameters: null,
  });
  expect((await api.call('DELETE', '/routes/id-1')).status).toBe(204);
  expect((await api.call('DELETE', '/routes/id-1')).status).toBe(404);
});

test('a route says what answers are written in; a dialect that is none is refused', async () => {
  for (const output of ['native', 'anthropic', null]) {
    expect((await api.call('POST', '/routes', { ...ALIAS, output })).json).toMatchObject({ output });
  }
  expect((await api.call('PATCH', '/routes/id-1', { output: 'openai' })).json).toMatchObject({ output: 'openai' });
  const refused = await api.call('PATCH', '/routes/id-1', { output: 'latin' });
  expect(refused.json).toMatchObject({
    error: { field: 'output', message: 'output is one of: native, openai, anthropic.' },
  });
});

test.each([
  ['pattern', ''],
  ['pattern', 'a b'],
  ['pattern', 7],
  ['targets', []],
  ['targets', {}],
  ['targets', [{}]],
  ['targets', [{ provider: 'a/b' }]],
  ['targets', [{ provider: null }]],
  ['sort_order', 1.5],
  ['enabled', 1],
  ['default_parameters', []],
])('%s %j is refused by name', async (field, value) => {
  const answered = await api.call('POST', '/routes', { ...ALIAS, [field]: value });
  expect(answered.status).toBe(400);
  expect(String(readField(readField(answered.json, 'error'), 'field')).split('.')[0]).toBe(field);
});

test('an unknown field of a target is named by its place', async () => {
  const answered = await api.call('POST', '/routes', { pattern: 'a', targets: [{ model: 'm', weight: 1 }] });
  expect(answered.json).toMatchObject({ error: { code: 'unknown_field', field: 'targets.0.weight' } });
});

test('a test shows the plan and why', async () => {
  expect((await api.call('POST', '/routes/test', { model: 'm1', protocol: 'openai' })).json).toEqual({
    model: 'm1',
    protocol: 'openai',
    attempts: [{ provider_id: 'groq', upstream_model: 'm1', protocol: 'openai', reason: 'listed model' }],
    reasons: ['No route matches.'],
  });
});

test('a test with a protocol that is not registered is refused', async () => {
  await api.stop();
  api = await startAdminApi({
    explainPlan: () => Promise.reject(new InvalidRequestError({ message: 'No such protocol.', field: 'protocol' })),
  });
  const answered = await api.call('POST', '/routes/test', { model: 'm1', protocol: 'klingon' });
  expect([answered.status, answered.json]).toMatchObject([400, { error: { field: 'protocol' } }]);
});
