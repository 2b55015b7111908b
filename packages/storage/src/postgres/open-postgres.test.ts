import { execFile } from 'node:child_process';
import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { Secret, type StorageError } from '@proxycast/spec';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStorage } from '../open-storage.ts';
import { createSettingsRepository } from '../repositories/settings-repository.ts';
import { NOW, sampleProvider } from '../testing/sample-records.ts';
import { findPostgresBinaries, type RunningPostgres, startPostgres } from '../testing/start-postgres.ts';
import { createSqliteBed } from '../testing/storage-beds.ts';
import { openPostgres } from './open-postgres.ts';

const PASSWORD = 'pass-word-never-shown';
const bed = createSqliteBed();
let backupsDirectory: string;

beforeEach(async () => {
  backupsDirectory = await bed.createDirectory();
});
afterAll(() => bed.stop());

async function refusalOf(url: string): Promise<StorageError> {
  const error = await openPostgres({ url: new Secret(url), backupsDirectory }).then(
    async (engine) => {
      await engine.close();
      throw new Error('It could be opened.');
    },
    (refusal: StorageError) => refusal,
  );
  expect(error).toMatchObject({ name: 'StorageError', code: 'storage_unreachable' });
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    expect(inspect(current)).not.toContain(PASSWORD);
  }
  return error;
}

describe('a server that is not there', () => {
  test('is named by host and port, without the password', async () => {
    // Port 1 of loopback: nothing listens there.
    const { message } = await refusalOf(`postgres://me:${PASSWORD}@127.0.0.1:1/proxycast`);
    expect(message).toContain('me@127.0.0.1:1/proxycast');
    expect(message).toContain('PROXYCAST_DATABASE_URL');
  });

  test('is named by its socket', async () => {
    const { message } = await refusalOf(`postgres://me:${PASSWORD}@%2Fnowhere/proxycast`);
    expect(message).toContain('/nowhere');
  });

  test('an address that is none is told without repeating it', async () => {
    const { message } = await refusalOf(`postgres://me:${PASSWORD}@host:port/x`);
    expect(message).toContain('postgres://user:password@host:5432/database');
  });
});

const binaries = findPostgresBinaries();

describe.skipIf(binaries === undefined)('a server that runs', () => {
  let server: RunningPostgres;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);
  beforeEach(async () => {
    url = await server.createDatabase();
  });

  test('a wrong password says where to look', async () => {
    const wrong = url.replace(encodeURIComponent(server.password), PASSWORD);
    expect((await refusalOf(wrong)).message).toContain('Check user and password');
  });

  test('a missing database says how to make it', async () => {
    expect((await refusalOf(url.replace(/test_\d+$/, 'none'))).message).toContain('createdb');
  });

  test('a connection that the server ends is told, and the next call connects again', async () => {
    const parts = { location: { type: 'postgres', url: new Secret(url) } as const, backupsDirectory, now: () => NOW };
    await using storage = await openStorage({ ...parts, masterKey: new Uint8Array(32) });
    const other = await openPostgres({ url: new Secret(url), backupsDirectory });
    const transaction = await other.db.startTransaction().execute();
    await transaction.insertInto('settings').values({ name: 'a', value: '1', updated_at: NOW }).execute();
    const killer = await openPostgres({ url: new Secret(url), backupsDirectory });
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction'`.execute(
      killer.db,
    );
    await expect(
      transaction.insertInto('settings').values({ name: 'b', value: '1', updated_at: NOW }).execute(),
    ).rejects.toMatchObject({ code: 'storage_unreachable' });
    await transaction
      .rollback()
      .execute()
      .catch(() => {});
    await createSettingsRepository(other.db).set({ c: 3 }, NOW);
    expect(await storage.settings.all()).toEqual({ c: 3 });
    await Promise.all([other.close(), killer.close()]);
  });

  test('a database that takes no writes says so', async () => {
    const parts = { location: { type: 'postgres', url: new Secret(url) } as const, backupsDirectory, now: () => NOW };
    await (await openStorage({ ...parts, masterKey: new Uint8Array(32) })).close();
    const readOnly = {
      type: 'postgres',
      url: new Secret(`${url}?options=-c%20default_transaction_read_only%3Don`),
    } as const;
    await using storage = await openStorage({ ...parts, location: readOnly, masterKey: new Uint8Array(32) });
    await expect(storage.settings.set({ a: 1 }, NOW)).rejects.toMatchObject({ code: 'storage_read_only' });
  });

  describe('backups', () => {
    test('pg_dump writes one that only its owner reads, and the password shows nowhere', async () => {
      const engine = await openPostgres({
        url: new Secret(url),
        backupsDirectory,
        pgDumpCommand: join(server.binaries, 'pg_dump'),
      });
      await engine.db.schema.createTable('some').addColumn('id', 'text').execute();
      const outcome = await engine.backup('proxycast-20261124T000000000Z-schema-0001');
      const path = join(backupsDirectory, 'proxycast-20261124T000000000Z-schema-0001.dump');
      expect(outcome).toEqual({ type: 'file', path });
      const { stdout } = await promisify(execFile)(join(server.binaries, 'pg_restore'), ['--list', path]);
      expect(stdout).toContain('TABLE public some');
      expect((await stat(path)).mode & 0o077).toBe(0);
      expect(await readdir(backupsDirectory)).toHaveLength(1);
      await engine.close();
    });

    test('where pg_dump is missing, migrating goes on and says why there is no copy', async () => {
      const engine = await openPostgres({ url: new Secret(url), backupsDirectory, pgDumpCommand: 'pg_dump-not-here' });
      expect(await engine.backup('proxycast-x')).toEqual({
        type: 'unavailable',
        reason: 'pg_dump-not-here is not on PATH',
      });
      await engine.close();
    });

    test('where pg_dump fails, its last words are told, and no half file stays', async () => {
      const command = join(backupsDirectory, 'pg_dump');
      await writeFile(command, '#!/bin/sh\necho "pg_dump: server version mismatch" >&2\nexit 1\n');
      await chmod(command, 0o700);
      const engine = await openPostgres({ url: new Secret(url), backupsDirectory, pgDumpCommand: command });
      expect(await engine.backup('proxycast-x')).toMatchObject({
        type: 'unavailable',
        reason: expect.stringContaining('server version mismatch'),
      });
      expect(await readdir(backupsDirectory)).toEqual(['pg_dump']);
      await engine.close();
    });
  });

  test('more writers than connections all finish', async () => {
    const engine = await openPostgres({ url: new Secret(url), backupsDirectory, maxConnections: 2 });
    const parts = { location: { type: 'postgres', url: new Secret(url) } as const, backupsDirectory, now: () => NOW };
    await using storage = await openStorage({ ...parts, masterKey: new Uint8Array(32) });
    await storage.providers.insert(sampleProvider('one'));
    const settings = createSettingsRepository(engine.db);
    await Promise.all(Array.from({ length: 30 }, (_, n) => settings.set({ [`s${n}`]: n }, NOW)));
    expect(Object.keys(await settings.all())).toHaveLength(30);
    await engine.close();
  });
});
