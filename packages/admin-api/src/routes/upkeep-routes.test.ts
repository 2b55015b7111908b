import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AdminApiUnderTest, START, startAdminApi } from '../testing/admin-api-under-test.ts';

let api: AdminApiUnderTest;
beforeEach(async () => {
  api = await startAdminApi();
});
afterEach(() => api.stop());

test('a backup is written and listed, and the doctor reports', async () => {
  const written = await api.call('POST', '/backup');
  expect([written.status, written.json]).toEqual([200, { path: 'backups/new.db', bytes: 4096 }]);
  expect((await api.call('GET', '/backups')).json).toEqual({
    items: [{ name: 'new.db', path: 'backups/new.db', written_at: START }],
    next_cursor: null,
  });
  expect((await api.call('GET', '/doctor')).json).toEqual({
    checks: [{ name: 'home', level: 'ok', message: 'in order' }],
  });
});
