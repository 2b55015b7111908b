import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

test('a backup is restored by its name, after which everything is read again', async () => {
  const before = api.configChanges();
  expect((await api.call('POST', '/restore', { name: 'new.db' })).json).toEqual({
    name: 'new.db',
    schema: null,
    bytes: 4096,
    kept: 'backups/before.db',
  });
  expect(api.configChanges()).toBe(before + 1);
  const missing = await api.call('POST', '/restore', { name: '../new.db' });
  expect([missing.status, missing.json]).toMatchObject([404, { error: { code: 'backup_missing' } }]);
  expect((await api.call('POST', '/restore', {})).json).toMatchObject({ error: { field: 'name' } });
  expect(api.configChanges()).toBe(before + 1);
});

test('a backup is written and listed, and the doctor reports', async () => {
  const written = await api.call('POST', '/backup');
  expect([written.status, written.json]).toEqual([200, { path: 'backups/new.db', bytes: 4096 }]);
  expect((await api.call('GET', '/backups')).json).toEqual({
    items: [{ name: 'new.db', path: 'backups/new.db', written_at: START }],
    next_cursor: null,
  });
  expect((await api.call('GET', '/doctor')).json).toEqual({
    checks: [{ name: 'home', level: 'ok', code: 'home_ok', fields: { path: '/h' }, message: '/h' }],
  });
});
