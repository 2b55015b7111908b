import { type Kysely, sql, type Transaction } from 'kysely';
import type { DatabaseTables } from './database-tables.ts';

/** The row of `meta` that every change of the configuration raises. */
export const CONFIG_VERSION = 'config_version';

/**
 * One transaction that raises the configuration's version and makes the change. The version's row is taken first, so
 * writers of the configuration follow one another on both engines, over all processes. Where `isChange` says no of
 * the result, nothing is written.
 */
export async function writeConfiguration<Result>(
  db: Kysely<DatabaseTables>,
  change: (transaction: Transaction<DatabaseTables>) => Promise<Result>,
  isChange: (result: Result) => boolean = () => true,
): Promise<Result> {
  const transaction = await db.startTransaction().execute();
  try {
    await transaction
      .updateTable('meta')
      .set({ value: sql<string>`cast(cast(value as bigint) + 1 as text)` })
      .where('name', '=', CONFIG_VERSION)
      .execute();
    const result = await change(transaction);
    if (isChange(result)) await transaction.commit().execute();
    else await transaction.rollback().execute();
    return result;
  } catch (error) {
    if (!transaction.isCommitted && !transaction.isRolledBack) {
      // The first error is the one to tell; a rollback fails only where the connection is gone.
      await transaction
        .rollback()
        .execute()
        .catch(() => {});
    }
    throw error;
  }
}

/** Rises with every change of the configuration; nodes compare it to know when to read again. */
export async function readConfigVersion(db: Kysely<DatabaseTables>): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('name', '=', CONFIG_VERSION).executeTakeFirstOrThrow();
  return Number(row.value);
}
