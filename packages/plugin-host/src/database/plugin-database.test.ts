import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { NO_OUTER, outerHere } from '../testing/plugin-bed.ts';
import { createPluginDatabase, type PluginDatabase } from './plugin-database.ts';

const home = await realpath(await mkdtemp(join(tmpdir(), 'proxycast-database-')));
afterAll(() => rm(home, { recursive: true, force: true }));
let count = 0;

async function open(changes: Partial<Parameters<typeof createPluginDatabase>[0]> = {}): Promise<PluginDatabase> {
  return createPluginDatabase({
    folder: join(home, `plugin-${++count}`),
    program: new URL('./database-process.ts', import.meta.url).pathname,
    node: process.execPath,
    outer: await outerHere(),
    ...changes,
  });
}

const ROW = {
  id: 'c1',
  auth_type: 'oauth',
  name: 'ann@example.com',
  status: 'active',
  stats: '{}',
  created_at: 1,
  updated_at: 2,
};

test.each(['with', 'without'])('a private database, %s an outer boundary', async (which) => {
  await using database = await open(which === 'with' ? {} : { outer: NO_OUTER });
  await database.execute('create table notes (id integer primary key, body text, data blob)', []);
  const { changes, last_insert_row_id } = await database.execute('insert into notes (body, data) values (?, ?)', [
    'hello',
    { base64: 'AAEC' },
  ]);
  expect([changes, last_insert_row_id]).toEqual([1, 1]);
  expect(await database.query('select * from notes where body = ?', ['hello'])).toEqual({
    columns: ['id', 'body', 'data'],
    rows: [[1, 'hello', { base64: 'AAEC' }]],
  });
  expect((await database.query('select 9007199254740993 as n, null as m, 1.5 as r', [])).rows).toEqual([
    ['9007199254740993', null, 1.5],
  ]);
});

test('its credentials are a table without secrets, which follows them and which it cannot change', async () => {
  await using database = await open({ credentials: [ROW] });
  const names = async () =>
    (await database.query('select id, name, status from plugin_credentials order by id', [])).rows;
  expect(await names()).toEqual([['c1', 'ann@example.com', 'active']]);
  database.setCredentials([ROW, { ...ROW, id: 'c2', name: null, status: 'cooldown' }]);
  expect(await names()).toEqual([
    ['c1', 'ann@example.com', 'active'],
    ['c2', null, 'cooldown'],
  ]);
  for (const sql of [
    'delete from plugin_credentials',
    "update plugin_credentials set status = 'x'",
    'drop table plugin_credentials',
    'alter table plugin_credentials rename to mine',
    'create trigger t after delete on plugin_credentials begin select 1; end',
    'create index i on plugin_credentials (name)',
  ]) {
    await expect(database.execute(sql, [])).rejects.toMatchObject({ data: { code: 'sql_refused' } });
  }
  expect(await names()).toHaveLength(2);
});

test('a statement that never ends ends alone; what was written stays', async () => {
  await using database = await open({ limitMs: 700 });
  await database.execute('create table t (a)', []);
  await database.execute('insert into t values (1)', []);
  const endless = database.query(
    'with recursive n(a) as (select 1 union all select a from n) select count(*) from n',
    [],
  );
  const next = database.query('select a from t', []);
  await expect(endless).rejects.toMatchObject({ data: { code: 'statement_too_slow' } });
  expect((await next).rows).toEqual([[1]]);
});

test('another database is read as a copy, its write-ahead log with it, and cannot be written', async () => {
  const path = join(home, 'official.db');
  using official = new DatabaseSync(path);
  official.exec(
    'pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table auth_kv (key text, value text)',
  );
  official.exec("insert into auth_kv values ('token', 'fresh')");
  const folder = join(home, 'plugin-copy');
  await using database = await open({ folder });
  expect((await database.queryCopy(path, 'select value from auth_kv where key = ?', ['token'])).rows).toEqual([
    ['fresh'],
  ]);
  await expect(database.queryCopy(path, "insert into auth_kv values ('a', 'b')", [])).rejects.toMatchObject({
    data: { code: 'sql_refused' },
  });
  expect(official.prepare('select count(*) as n from auth_kv').get()?.['n']).toBe(1);
  expect(await readdir(join(folder, 'copies'))).toEqual([]);
});

test('two plugins have two databases', async () => {
  await using one = await open();
  await using other = await open();
  await one.execute('create table mine (a)', []);
  await expect(other.query('select * from mine', [])).rejects.toMatchObject({ data: { code: 'sql_failed' } });
});
