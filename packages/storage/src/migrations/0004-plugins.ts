import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Installed plugins and their credentials. Down loses them; the backup made before has them. */
export const plugins: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('credential_provider_plugins')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('display_name', 'text', (column) => column.notNull())
      .addColumn('version', 'text', (column) => column.notNull())
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('config', 'text', (column) => column.notNull())
      .addColumn('consent', 'text', (column) => column.notNull())
      .addColumn('digests', 'text', (column) => column.notNull())
      .addColumn('source', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('plugin_credentials')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('plugin_id', 'text', (column) =>
        column.notNull().references('credential_provider_plugins.id').onDelete('cascade'),
      )
      .addColumn('auth_type', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('identity', 'text')
      .addColumn('enabled', 'integer', (column) => column.notNull())
      .addColumn('weight', 'bigint')
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('stats', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('credential_data_encrypted', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('plugin_credentials_plugin_id').on('plugin_credentials').column('plugin_id').execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropTable('plugin_credentials').execute();
    await db.schema.dropTable('credential_provider_plugins').execute();
  },
};
