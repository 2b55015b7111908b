import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';

/** Providers, their keys, client keys, routes, settings, the ledger and `meta`. */
export function createFirstTables(engine: Engine['type']): Migration {
  // Ids are compared by bytes everywhere, as SQLite does by itself: a page's cursor must not depend on a locale.
  const id = engine === 'postgres' ? sql`text collate "C"` : sql`text`;
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('meta')
        .addColumn('name', id, (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .execute();
      await sql`insert into meta (name, value) values ('config_version', '0')`.execute(db);

      await db.schema
        .createTable('client_keys')
        .addColumn('id', id, (column) => column.primaryKey().notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('sha256', 'text', (column) => column.notNull().unique())
        .addColumn('prefix', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .addColumn('revoked_at', 'bigint')
        .addColumn('expires_at', 'bigint')
        .addColumn('allowed_models', 'text')
        .addColumn('allowed_providers', 'text')
        .addColumn('default_parameters', 'text')
        .execute();

      await db.schema
        .createTable('api_key_providers')
        .addColumn('id', id, (column) => column.primaryKey().notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('api_host', 'text', (column) => column.notNull())
        .addColumn('is_system', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('group_name', 'text', (column) => column.notNull())
        .addColumn('enabled', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('sort_order', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('api_version', 'text')
        .addColumn('project', 'text')
        .addColumn('location', 'text')
        .addColumn('region', 'text')
        .addColumn('models', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex('api_key_providers_group_name')
        .on('api_key_providers')
        .column('group_name')
        .execute();

      await db.schema
        .createTable('api_keys')
        .addColumn('id', id, (column) => column.primaryKey().notNull())
        .addColumn('provider_id', id, (column) =>
          column.notNull().references('api_key_providers.id').onDelete('cascade'),
        )
        .addColumn('api_key_encrypted', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('hint', 'text', (column) => column.notNull())
        .addColumn('enabled', 'integer', (column) => column.notNull().defaultTo(1))
        .addColumn('usage_count', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('error_count', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('last_used_at', 'bigint')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema.createIndex('api_keys_provider_id').on('api_keys').column('provider_id').execute();

      await db.schema
        .createTable('routes')
        .addColumn('id', id, (column) => column.primaryKey().notNull())
        .addColumn('pattern', 'text', (column) => column.notNull())
        .addColumn('targets', 'text', (column) => column.notNull())
        .addColumn('sort_order', 'bigint', (column) => column.notNull().defaultTo(0))
        .addColumn('enabled', 'integer', (column) => column.notNull().defaultTo(1))
        .addColumn('default_parameters', 'text')
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();

      await db.schema
        .createTable('settings')
        .addColumn('name', id, (column) => column.primaryKey().notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull())
        .execute();

      await db.schema
        .createTable('ledger')
        .addColumn('id', id, (column) => column.primaryKey().notNull())
        .addColumn('request_id', id, (column) => column.notNull())
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('is_last', 'integer', (column) => column.notNull())
        .addColumn('started_at', 'bigint', (column) => column.notNull())
        .addColumn('client_key_id', 'text', (column) => column.notNull())
        .addColumn('protocol', 'text', (column) => column.notNull())
        .addColumn('operation', 'text', (column) => column.notNull())
        .addColumn('provider_id', 'text', (column) => column.notNull())
        .addColumn('credential_id', 'text')
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('upstream_model', 'text', (column) => column.notNull())
        .addColumn('is_stream', 'integer', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('upstream_status', 'integer')
        .addColumn('error_code', 'text')
        .addColumn('fault', 'text')
        .addColumn('input_tokens', 'bigint')
        .addColumn('cache_read_tokens', 'bigint')
        .addColumn('cache_write_tokens', 'bigint')
        .addColumn('output_tokens', 'bigint')
        .addColumn('reasoning_tokens', 'bigint')
        .addColumn('first_byte_ms', 'bigint')
        .addColumn('duration_ms', 'bigint', (column) => column.notNull())
        .addColumn('overhead_ms', 'bigint')
        .addColumn('request_bytes', 'bigint', (column) => column.notNull())
        .addColumn('answer_bytes', 'bigint', (column) => column.notNull())
        .addColumn('cost_micro_usd', 'bigint')
        .execute();
      await db.schema.createIndex('ledger_started_at').on('ledger').columns(['started_at', 'id']).execute();
      await db.schema.createIndex('ledger_request_id').on('ledger').column('request_id').execute();
    },

    async down(db: Kysely<unknown>): Promise<void> {
      for (const table of ['ledger', 'settings', 'routes', 'api_keys', 'api_key_providers', 'client_keys', 'meta']) {
        await db.schema.dropTable(table).execute();
      }
    },
  };
}
