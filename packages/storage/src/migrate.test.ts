import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from './engine.ts';
import { type MigrationReport, migrateDown, migrateUp, readSchemaState } from './migrate.ts';
import { createMigrations, type Migrations } from './migrations/migrations.ts';
import { openEngine, type StorageLocation } from './open-engine.ts';
import { openStorage, stepStorageDown } from './open-storage.ts';
import { NOW, sampleProvider } from './testing/sample-records.ts';
import { createStorageBeds } from './testing/storage-beds.ts';

const ADDED: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('added_later').addColumn('id', 'text').execute();
  },
  async down(db: Kysely<unknown>) {
    await db.schema.dropTable('added_later').execute();
  },
};
const BROKEN: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('half_way').addColumn('id', 'text').execute();
    await db.schema.createTable('meta').addColumn('id', 'text').execute();
  },
};

describe.each(createStorageBeds())('migrations on $engine', (bed) => {
  let location: StorageLocation;
  let backupsDirectory: string;
  let engine: Engine;
  let known: Migrations;
  const names = (): string[] => Object.keys(known).sort();
  const now = (): number => NOW;

  const up = async (migrations: Migrations): Promise<MigrationReport> =>
    migrateUp(engine, migrations, await readSchemaState(engine, migrations), now);
  const tablesNow = async (): Promise<string[]> =>
    (await engine.db.introspection.getTables()).map((table) => table.name).sort();
  /** Tables with their columns, types and defaults. */
  const schemaNow = async (): Promise<unknown> => engine.db.introspection.getTables();
  const backups = (): Promise<string[]> => readdir(backupsDirectory);

  beforeAll(() => bed.start(), 60_000);
  afterAll(() => bed.stop(), 60_000);
  beforeEach(async () => {
    location = await bed.createLocation();
    backupsDirectory = await bed.createDirectory();
    engine = await openEngine(location, backupsDirectory);
    known = createMigrations(engine.type);
  });
  afterEach(() => engine.close());

  test('a new database gets every table, and no backup of nothing is made', async () => {
    expect(await up(known)).toStrictEqual({ to: names().at(-1), backup: { type: 'none' } });
    expect(await tablesNow()).toEqual([
      'api_key_providers',
      'api_keys',
      'client_keys',
      'credential_provider_plugins',
      'kept_responses',
      'ledger',
      'meta',
      'plugin_credentials',
      'refresh_leases',
      'routes',
      'settings',
    ]);
    expect(await backups()).toEqual([]);
  });

  test('a database that is up to date is left alone', async () => {
    await up(known);
    expect(await up(known)).toStrictEqual({ from: names().at(-1), to: names().at(-1), backup: { type: 'none' } });
    expect(await backups()).toEqual([]);
  });

  test('down to nothing and up again gives the same schema', async () => {
    await up(known);
    const schema = await schemaNow();
    for (const _ of names()) await migrateDown(engine, known, now);
    expect(await tablesNow()).toEqual([]);
    expect(await migrateDown(engine, known, now)).toStrictEqual({ backup: { type: 'none' } });
    await up(known);
    expect(await schemaNow()).toEqual(schema);
  });

  test('every earlier version comes up to date, with its rows and a backup', async () => {
    const later = { ...known, '9998-added-later': ADDED };
    for (const [index, name] of names().entries()) {
      await engine.close();
      backupsDirectory = await bed.createDirectory();
      engine = await openEngine(await bed.createLocation(), backupsDirectory);
      const earlier = Object.fromEntries(Object.entries(later).filter(([other]) => other <= name));
      await up(earlier);
      await engine.db
        .insertInto('settings')
        .values({ name: `s${index}`, value: '1', updated_at: NOW })
        .execute();
      const report = await up(later);
      expect(report).toMatchObject({ from: name, to: '9998-added-later', backup: { type: 'file' } });
      expect(await tablesNow()).toContain('added_later');
      expect(await engine.db.selectFrom('settings').select('name').execute()).toContainEqual({ name: `s${index}` });
      const suffix = engine.type === 'sqlite' ? 'db' : 'dump';
      expect(await backups()).toEqual([`proxycast-20261124T000000000Z-schema-${name.slice(0, 4)}.${suffix}`]);
      await migrateDown(engine, later, now);
      expect(await tablesNow()).not.toContain('added_later');
    }
  });

  test('rows of the first version come through the second and back', async () => {
    const first = Object.fromEntries(Object.entries(known).filter(([name]) => name.startsWith('0001')));
    const second = Object.fromEntries(Object.entries(known).filter(([name]) => name < '0003'));
    await up(first);
    const provider = (id: string, fields: string) =>
      sql`insert into api_key_providers (id, name, type, api_host, is_system, group_name, enabled, sort_order, created_at, updated_at)
          values (${id}, ${id}, 'openai', 'https://seeded.example', ${sql.raw(fields)})`.execute(engine.db);
    await provider('fresh', "1, 'china', 0, 1, 5, 5");
    await provider('touched', "1, 'china', 1, 2, 5, 9");
    await provider('own', "0, 'custom', 1, 3, 5, 5");
    await sql`insert into api_keys (id, provider_id, api_key_encrypted, hint, enabled, created_at, updated_at)
              values ('k', 'own', 'v1:a:b:c', 'wxyz', 1, 5, 5)`.execute(engine.db);
    await sql`insert into routes (id, pattern, targets, sort_order, enabled, created_at, updated_at)
              values ('r', 'm', '[]', 1, 1, 5, 5)`.execute(engine.db);
    const rowsOfFirst = async (): Promise<unknown> => ({
      providers: await engine.db.selectFrom('api_key_providers').selectAll().orderBy('id').execute(),
      keys: await engine.db.selectFrom('api_keys').selectAll().execute(),
      routes: await engine.db.selectFrom('routes').selectAll().execute(),
    });
    const before = await rowsOfFirst();
    await up(second);
    const rows = await engine.db.selectFrom('api_key_providers').selectAll().orderBy('id').execute();
    expect(rows.map(({ id, preset_host }) => [id, preset_host])).toEqual([
      ['fresh', 'https://seeded.example'],
      ['own', null],
      ['touched', null],
    ]);
    expect(rows[0]).toMatchObject({ auth_header: null, auth_prefix: null, extra_headers: null, key_choice: null });
    expect(await engine.db.selectFrom('api_keys').select(['id', 'weight']).execute()).toEqual([
      { id: 'k', weight: null },
    ]);
    expect(await engine.db.selectFrom('routes').select(['id', 'output']).execute()).toEqual([
      { id: 'r', output: null },
    ]);
    await migrateDown(engine, second, now);
    expect(await rowsOfFirst()).toEqual(before);
  });

  test('rows of the second version come through the third and back', async () => {
    const third = Object.fromEntries(Object.entries(known).filter(([name]) => name < '0004'));
    await up(Object.fromEntries(Object.entries(known).filter(([name]) => name < '0003')));
    await engine.db.insertInto('settings').values({ name: 's', value: '1', updated_at: NOW }).execute();
    await up(third);
    expect(await engine.db.selectFrom('kept_responses').selectAll().execute()).toEqual([]);
    await migrateDown(engine, third, now);
    expect(await tablesNow()).not.toContain('kept_responses');
    expect(await engine.db.selectFrom('settings').select('name').execute()).toEqual([{ name: 's' }]);
  });

  test('credentials come through the migration of leases and back', async () => {
    await up(Object.fromEntries(Object.entries(known).filter(([name]) => name < '0005')));
    await sql`insert into credential_provider_plugins (id, display_name, version, enabled, config, consent, digests, source, created_at, updated_at)
              values ('p', 'p', '1', 1, '{}', '{}', '{}', '{}', 5, 5)`.execute(engine.db);
    await sql`insert into plugin_credentials (id, plugin_id, auth_type, enabled, status, version, stats, created_at, updated_at, credential_data_encrypted)
              values ('c', 'p', 'oauth', 1, '{}', 3, '{}', 5, 5, 'v1:a:b:c')`.execute(engine.db);
    const before = await engine.db.selectFrom('plugin_credentials').selectAll().execute();
    const fifth = Object.fromEntries(Object.entries(known).filter(([name]) => name < '0006'));
    await up(fifth);
    await sql`insert into refresh_leases (credential_id, fence, expires_at, failures, not_before) values ('c', 1, 0, 0, 0)`.execute(
      engine.db,
    );
    await migrateDown(engine, fifth, now);
    expect(await tablesNow()).not.toContain('refresh_leases');
    expect(await engine.db.selectFrom('plugin_credentials').selectAll().execute()).toEqual(before);
  });

  test('a migration that fails is taken back as a whole, and the copy is named', async () => {
    await up(known);
    const schema = await schemaNow();
    await expect(up({ ...known, '9998-added-later': ADDED, '9999-broken': BROKEN })).rejects.toMatchObject({
      code: 'storage_failed',
      message: expect.stringContaining(
        join(backupsDirectory, `proxycast-20261124T000000000Z-schema-${names().at(-1)?.slice(0, 4)}`),
      ),
    });
    expect(await schemaNow()).toEqual(schema);
    expect(await up(known)).toMatchObject({ backup: { type: 'none' } });
  });

  test('a newer schema is refused by both ways in, and stays', async () => {
    await up({ ...known, '9998-added-later': ADDED });
    const refusal = {
      code: 'storage_newer',
      message: expect.stringMatching(/schema 9998-added-later.*Install the newer ProxyCast/),
    };
    const parts = { location, backupsDirectory, now };
    await expect(openStorage({ ...parts, masterKey: new Uint8Array(32) })).rejects.toMatchObject(refusal);
    await expect(stepStorageDown(parts)).rejects.toMatchObject(refusal);
    expect(await tablesNow()).toContain('added_later');
    expect(await backups()).toEqual([]);
  });

  test("another program's tables are refused and stay", async () => {
    await engine.db.schema.createTable('api_keys').addColumn('old', 'text').execute();
    await expect(openStorage({ location, backupsDirectory, now, masterKey: new Uint8Array(32) })).rejects.toMatchObject(
      { code: 'storage_failed', message: expect.stringContaining('proxycast import') },
    );
    expect(await tablesNow()).toEqual(['api_keys']);
  });

  test('stepping down from outside makes a backup first, and opening again goes up', async () => {
    const parts = { location, backupsDirectory, now };
    await (await openStorage({ ...parts, masterKey: new Uint8Array(32) })).close();
    const report = await stepStorageDown(parts);
    expect(report).toMatchObject({ from: names().at(-1), backup: { type: 'file' } });
    expect(await backups()).toHaveLength(1);
    const storage = await openStorage({ ...parts, masterKey: new Uint8Array(32) });
    await storage.providers.insert(sampleProvider('one'));
    expect(storage.migration).toMatchObject({ to: names().at(-1) });
    await storage.close();
  });
});
