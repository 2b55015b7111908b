import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Column by table: how providers of one's own are called, how keys are chosen, what answers are written in, what conversion changed. */
const ADDED = [
  ['api_key_providers', 'auth_header', 'text'],
  ['api_key_providers', 'auth_prefix', 'text'],
  ['api_key_providers', 'extra_headers', 'text'],
  ['api_key_providers', 'key_choice', 'text'],
  ['api_key_providers', 'preset_host', 'text'],
  ['api_keys', 'weight', 'bigint'],
  ['routes', 'output', 'text'],
  ['ledger', 'changed', 'text'],
] as const;

/** Down loses what these columns hold; the backup made before has it. */
export const callsAndChoice: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [table, column, type] of ADDED) await db.schema.alterTable(table).addColumn(column, type).execute();
    // A row that nobody has touched since it was seeded still has its preset's host.
    await sql`update api_key_providers set preset_host = api_host where is_system = 1 and updated_at = created_at`.execute(
      db,
    );
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const [table, column] of ADDED) await db.schema.alterTable(table).dropColumn(column).execute();
  },
};
