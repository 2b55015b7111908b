import { type EpochMs, StorageError } from '@proxycast/spec';
import { Migrator } from 'kysely/migration';
import { renderBackupStem } from './backups/backup-name.ts';
import type { BackupOutcome, Engine } from './engine.ts';
import type { Migrations } from './migrations/migrations.ts';

/** What a migration did, and how the database was secured before it. */
export interface MigrationReport {
  /** The last migration before and after; absent where there was none. */
  readonly from?: string;
  readonly to?: string;
  /** `none`: nothing was changed, or there was nothing yet to lose. */
  readonly backup: BackupOutcome | { readonly type: 'none' };
}

export interface SchemaState {
  /** Names of the migrations that were applied, in order. */
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

const MIGRATION_TABLE = 'kysely_migration';

/**
 * Which migrations the database has. Throws StorageError: `storage_newer` when it has one we do not know,
 * `storage_failed` when its tables are another program's. Changes nothing.
 */
export async function readSchemaState(engine: Engine, migrations: Migrations): Promise<SchemaState> {
  const known = Object.keys(migrations).sort();
  const tables = await listTables(engine);
  if (!tables.includes(MIGRATION_TABLE)) {
    const foreign = tables.find((table) => OUR_TABLES.includes(table));
    if (foreign === undefined) return { applied: [], pending: known };
    throw new StorageError({
      code: 'storage_failed',
      message: `The database ${engine.label} has a table ${foreign} that this ProxyCast did not make: it belongs to an older product or another program. Nothing was changed. Move it away or choose another database; "proxycast import" reads the old one.`,
    });
  }
  const rows = await engine.db
    .withTables<{ kysely_migration: { readonly name: string } }>()
    .selectFrom(MIGRATION_TABLE)
    .select('name')
    .orderBy('name')
    .execute();
  const applied = rows.map((row) => row.name).sort();
  const unknown = applied.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new StorageError({
      code: 'storage_newer',
      message: `The database ${engine.label} was written by a newer ProxyCast (schema ${unknown}; this one knows ${known.at(-1)}). Nothing was changed. Install the newer ProxyCast again, or let it step back with "proxycast migrate --down", or restore the backup it made before it changed the schema.`,
    });
  }
  return { applied, pending: known.filter((name) => !applied.includes(name)) };
}

/** Brings the schema up to date, after a backup where there is something to lose. Throws StorageError. */
export async function migrateUp(
  engine: Engine,
  migrations: Migrations,
  { applied, pending }: SchemaState,
  now: () => EpochMs,
): Promise<MigrationReport> {
  const from = applied.at(-1);
  const to = Object.keys(migrations).sort().at(-1);
  if (pending.length === 0) return renderReport(from, from, { type: 'none' });
  const backup = from === undefined ? ({ type: 'none' } as const) : await engine.backup(renderBackupStem(now(), from));
  const { error } = await createMigrator(engine, migrations).migrateToLatest();
  if (error !== undefined) throw migrationFailed(engine, error, backup);
  return renderReport(from, to, backup);
}

/** Takes the last migration back, after a backup: what only the newer schema could hold is lost. Throws StorageError. */
export async function migrateDown(
  engine: Engine,
  migrations: Migrations,
  now: () => EpochMs,
): Promise<MigrationReport> {
  const { applied } = await readSchemaState(engine, migrations);
  const from = applied.at(-1);
  if (from === undefined) return renderReport(undefined, undefined, { type: 'none' });
  const backup = await engine.backup(renderBackupStem(now(), from));
  const { error } = await createMigrator(engine, migrations).migrateDown();
  if (error !== undefined) throw migrationFailed(engine, error, backup);
  return renderReport(from, applied.at(-2), backup);
}

/** So that the tables of an older ProxyCast, or of anything else, are not taken for ours. */
const OUR_TABLES = ['api_key_providers', 'api_keys', 'client_keys', 'ledger', 'meta', 'routes', 'settings'];

async function listTables({ type, db }: Engine): Promise<readonly string[]> {
  if (type === 'sqlite') {
    const rows = await db
      .withTables<{ sqlite_schema: { readonly name: string; readonly type: string } }>()
      .selectFrom('sqlite_schema')
      .select('name')
      .where('type', '=', 'table')
      .execute();
    return rows.map((row) => row.name);
  }
  const rows = await db
    .withTables<{ 'pg_catalog.pg_tables': { readonly tablename: string; readonly schemaname: string } }>()
    .selectFrom('pg_catalog.pg_tables')
    .select('tablename')
    .where((eb) => eb('schemaname', '=', eb.fn<string>('current_schema', [])))
    .execute();
  return rows.map((row) => row.tablename);
}

function createMigrator({ db }: Engine, migrations: Migrations): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
}

function renderReport(
  from: string | undefined,
  to: string | undefined,
  backup: MigrationReport['backup'],
): MigrationReport {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), backup };
}

function migrationFailed(engine: Engine, cause: unknown, backup: MigrationReport['backup']): StorageError {
  // The fault of the engine says more: a full disk, a lock.
  if (cause instanceof StorageError && cause.code !== 'storage_failed') return cause;
  const copy = backup.type === 'file' ? ` A copy from before is in ${backup.path}.` : '';
  return new StorageError({
    code: 'storage_failed',
    message: `The schema of ${engine.label} could not be changed, and the change was taken back as a whole.${copy} Start the version of ProxyCast that ran before, and report this with the cause in the log.`,
    cause,
  });
}
