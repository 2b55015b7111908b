import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Who exchanges which credential's token now, and the marks of attempts. Down loses them: an attempt that was cut off is not known
 * any more, so no process may be in one.
 */
export const refreshLeases: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('refresh_leases')
      .addColumn('credential_id', 'text', (column) =>
        column.primaryKey().notNull().references('plugin_credentials.id').onDelete('cascade'),
      )
      .addColumn('owner', 'text')
      .addColumn('fence', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('attempt_fence', 'bigint')
      .addColumn('attempt_version', 'bigint')
      .addColumn('attempt_at', 'bigint')
      .addColumn('failures', 'bigint', (column) => column.notNull())
      .addColumn('not_before', 'bigint', (column) => column.notNull())
      .execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropTable('refresh_leases').execute();
  },
};
