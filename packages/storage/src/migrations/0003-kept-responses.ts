import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Answers that clients can name later. Down loses them; the backup made before has them. */
export const keptResponses: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('kept_responses')
      .addColumn('record_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('response_id', 'text', (column) => column.notNull())
      .addColumn('client_key_id', 'text', (column) => column.notNull())
      .addColumn('parent_record_id', 'text')
      .addColumn('chain_id', 'text', (column) => column.notNull())
      .addColumn('depth', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('is_background', 'integer', (column) => column.notNull())
      .addColumn('provider_id', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('origin', 'text', (column) => column.notNull())
      .addColumn('credential_id', 'text')
      .addColumn('runner', 'text')
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      // Last: what stands behind a long text is only reached by reading through it.
      .addColumn('content_encrypted', 'text')
      .execute();
    await db.schema
      .createIndex('kept_responses_response_id')
      .on('kept_responses')
      .columns(['response_id', 'client_key_id'])
      .execute();
    await db.schema
      .createIndex('kept_responses_chain_id')
      .on('kept_responses')
      .columns(['chain_id', 'expires_at'])
      .execute();
    await db.schema.createIndex('kept_responses_runner').on('kept_responses').column('runner').execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropTable('kept_responses').execute();
  },
};
