import { type Secret, StorageError } from '@proxycast/spec';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { writeBackupFile } from '../backups/write-backup-file.ts';
import type { DatabaseTables } from '../database-tables.ts';
import type { Engine } from '../engine.ts';
import { readPackedRows } from '../packed-rows.ts';
import { dumpPostgres } from './dump-postgres.ts';
import { type PostgresAddress, renderAddress } from './postgres-address.ts';
import { createPostgresPool } from './postgres-pool.ts';
import { renderArray } from './render-array.ts';

export interface PostgresParts {
  /** `postgres://user:password@host:port/database`; a Secret because of the password in it. */
  readonly url: Secret;
  readonly backupsDirectory: string;
  readonly maxConnections?: number;
  /** A name on PATH or a path. */
  readonly pgDumpCommand?: string;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** Type id of `bigint` (pg_type.oid), which `pg` would give as text. */
const INT8 = 20;

export async function openPostgres({
  url,
  backupsDirectory,
  maxConnections = MAX_CONNECTIONS,
  pgDumpCommand = 'pg_dump',
}: PostgresParts): Promise<Engine> {
  // Loaded here so that whoever runs on SQLite does not pay for it.
  const { default: pg } = await import('pg');
  const address = parseAddress(pg.Client, url);
  const label = renderAddress(address);
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'proxycast',
    keepAlive: true,
    types: {
      getTypeParser: (oid, format) => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  });
  // An idle connection that breaks is replaced at the next call, which tells of it; unheard, it would end the process.
  pool.on('error', () => {});
  const explainingPool = createPostgresPool(pool, label);
  const db = new Kysely<DatabaseTables>({ dialect: new PostgresDialect({ pool: explainingPool }), log: [] });

  try {
    const client = await explainingPool.connect();
    client.release();
  } catch (error) {
    await explainingPool.end();
    throw error;
  }
  return {
    type: 'postgres',
    label,
    db,
    prepareInsert({ table, key, columns }) {
      const names = columns.map((column) => `"${column.name}"`).join(', ');
      const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ');
      const sql = `insert into "${table}" (${names}) select * from unnest(${arrays}) on conflict ("${key}") do nothing`;
      const isText = columns.map(({ type }) => type === 'text');
      return async (packed) => {
        const rows = Array.from(readPackedRows(packed, isText), (values) => [...values]);
        const parameters = columns.map((_, index) => renderArray(rows, index));
        await db.executeQuery(CompiledQuery.raw(sql, parameters));
      };
    },
    // A commit waits for the disk by itself.
    async makeDurable() {},
    async backup(stem) {
      let reason: string | undefined;
      const write = async (path: string): Promise<void> => {
        const outcome = await dumpPostgres(pgDumpCommand, address, readSslMode(url), path);
        if (outcome.type === 'dumped') return;
        reason = outcome.reason;
        throw new Error(outcome.reason);
      };
      try {
        return { type: 'file', path: await writeBackupFile(backupsDirectory, `${stem}.dump`, write) };
      } catch (error) {
        if (reason === undefined) throw error;
        return { type: 'unavailable', reason };
      }
    },
    close: () => explainingPool.end(),
  };
}

function parseAddress(Client: typeof import('pg').Client, url: Secret): PostgresAddress {
  try {
    const { host, port, database, user, password } = new Client({ connectionString: url.reveal() });
    return {
      host,
      port,
      database: database ?? '',
      user: user ?? '',
      ...(typeof password === 'string' && password !== '' ? { password } : {}),
    };
  } catch {
    // No cause: the error of a URL holds the URL, and the password with it.
    throw new StorageError({
      code: 'storage_unreachable',
      message:
        'PROXYCAST_DATABASE_URL is no address of a PostgreSQL. Write postgres://user:password@host:5432/database.',
    });
  }
}

/** Only what libpq knows too; `pg` has modes of its own. */
const LIBPQ_SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

function readSslMode(url: Secret): string | undefined {
  const mode = /[?&]sslmode=([a-z-]+)/.exec(url.reveal())?.[1];
  return mode !== undefined && LIBPQ_SSL_MODES.includes(mode) ? mode : undefined;
}
