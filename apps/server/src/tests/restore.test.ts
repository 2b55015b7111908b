import { copyFileSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AppUnderTest, CLIENT_KEY, startApp } from '../testing/start-app.ts';

let app: AppUnderTest;
let backup: string;
const fieldOf = (body: unknown, name: string): string =>
  String(Object.entries(typeof body === 'object' && body !== null ? body : {}).find(([key]) => key === name)?.[1]);
const models = async (): Promise<string> => {
  const response = await fetch(`${app.baseUrl}/v1/models`, { headers: { authorization: `Bearer ${CLIENT_KEY}` } });
  return response.text();
};
const restore = (name: string) => app.admin('POST', '/restore', { name });

beforeEach(async () => {
  app = await startApp();
  await app.addProvider({ id: 'one', type: 'openai', api_host: 'http://127.0.0.1:9/v1', models: ['first'] }, 'sk-1');
  backup = basename(fieldOf((await app.admin('POST', '/backup')).body, 'path'));
  await app.addProvider({ id: 'two', type: 'openai', api_host: 'http://127.0.0.1:9/v1', models: ['second'] }, 'sk-2');
});
afterEach(() => app.stop());

test('is in force when it is answered, and the way back is listed', async () => {
  expect(await models()).toContain('second');
  const reply = await restore(backup);
  expect(reply.status).toBe(200);
  expect(await models()).toContain('first');
  expect(await models()).not.toContain('second');
  // The gateway works on: a request, its row in the ledger, a change of the configuration.
  const answered = await fetch(`${app.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'proxycast-echo', messages: [{ role: 'user', content: 'hello' }] }),
  });
  expect(answered.status).toBe(200);
  await app.addProvider({ id: 'three', type: 'openai', api_host: 'http://127.0.0.1:9/v1', models: ['third'] }, 'sk-3');

  const kept = basename(fieldOf(reply.body, 'kept'));
  expect(JSON.stringify((await app.admin('GET', '/backups')).body)).toContain(kept);
  expect((await restore(kept)).status).toBe(200);
  expect(await models()).toContain('second');
  expect(await models()).not.toContain('third');
});

test('a client key made since the backup opens nothing any more', async () => {
  const made = (await app.admin('POST', '/client-keys', { name: 'since' })).body;
  const ask = async (key: string) =>
    (await fetch(`${app.baseUrl}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect(await ask(fieldOf(made, 'key'))).toBe(200);
  await restore(backup);
  expect(await ask(fieldOf(made, 'key'))).toBe(401);
});

test('a row of the ledger that waited is in the backup of before', async () => {
  const id = 'req-before-restore';
  await fetch(`${app.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify({ model: 'proxycast-echo', messages: [{ role: 'user', content: 'hello' }] }),
  }).then((response) => response.text());
  const kept = fieldOf((await restore(backup)).body, 'kept');
  expect((await app.admin('GET', `/requests/${id}`)).status).toBe(404);
  const file = new DatabaseSync(kept, { readOnly: true });
  expect(file.prepare('select count(*) as count from ledger where request_id = ?').get(id)).toEqual({ count: 1 });
  file.close();
});

test('requests that come meanwhile are answered', async () => {
  const statuses: number[] = [];
  let isDone = false;
  const asking = (async () => {
    while (!isDone) {
      const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ model: 'proxycast-echo', messages: [{ role: 'user', content: 'hello' }] });
      const [answer, list] = await Promise.all([
        fetch(`${app.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body }),
        app.admin('GET', '/providers'),
      ]);
      await answer.text();
      statuses.push(answer.status, list.status);
    }
  })();
  for (let round = 0; round < 3; round++) expect((await restore(backup)).status).toBe(200);
  isDone = true;
  await asking;
  expect(new Set(statuses)).toEqual(new Set([200]));
});

describe('is refused, and nothing is replaced:', () => {
  const folder = () => join(app.home, 'backups');
  const stray = (name: string): string => {
    writeFileSync(join(folder(), name), 'x');
    return name;
  };
  const other = (change: (path: string) => void): string => {
    const name = 'proxycast-20200101T000000000Z-schema-0001.db';
    copyFileSync(join(folder(), backup), join(folder(), name));
    change(join(folder(), name));
    return name;
  };
  const alter = (statements: string) => (path: string) => {
    const database = new DatabaseSync(path);
    database.exec(statements);
    database.close();
  };

  test.each([
    ['one that is not listed', () => 'proxycast-20200101T000000000Z-schema-0001.db', 404, 'backup_missing'],
    ['a path', () => join(folder(), backup), 404, 'backup_missing'],
    ['a path out of the folder', () => '../proxycast.db', 404, 'backup_missing'],
    ['another file in the folder', () => stray('x.db'), 404, 'backup_missing'],
    [
      'a link out of the folder',
      () => {
        const name = 'proxycast-20200101T000000000Z-schema-0001.db';
        symlinkSync(join(app.home, 'proxycast.db'), join(folder(), name));
        return name;
      },
      404,
      'backup_missing',
    ],
    ['a truncated one', () => other((path) => truncateSync(path, 9_000)), 409, 'backup_damaged'],
    ['an empty one', () => other((path) => truncateSync(path, 0)), 409, 'backup_damaged'],
    [
      'one of a newer version',
      () => other(alter("insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')")),
      409,
      'backup_newer',
    ],
    [
      'one under another master key',
      () => other(alter(`update meta set value = 'v1:0123456789abcdef:AAAA:AAAA' where name = 'master_key_check'`)),
      409,
      'backup_other_master_key',
    ],
  ])('%s', async (_name, make, status, code) => {
    mkdirSync(folder(), { recursive: true });
    const name = make();
    const before = readdirSync(folder()).sort();
    const reply = await restore(name);
    expect([reply.status, reply.body]).toMatchObject([status, { error: { code } }]);
    expect(fieldOf(Object(reply.body).error, 'message')).toMatch(/Choose|names those there are|another backup/);
    expect(await models()).toContain('second');
    expect(readdirSync(folder()).sort()).toEqual(before);
  });
});
