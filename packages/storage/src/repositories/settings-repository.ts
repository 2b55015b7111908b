import type { SettingsRepository } from '@proxycast/spec';
import type { Kysely } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { readJson, writeJson } from './stored-value.ts';

export function createSettingsRepository(db: Kysely<DatabaseTables>): SettingsRepository {
  return {
    async all() {
      const rows = await db.selectFrom('settings').select(['name', 'value']).orderBy('name').execute();
      return Object.fromEntries(
        rows.map(({ name, value }) => [name, readJson(value, { table: 'settings', id: name, column: 'value' })]),
      );
    },
    async set(values, now) {
      const entries = Object.entries(values);
      if (entries.length === 0) return;
      const rows = entries
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => ({ name, value: writeJson(value), updated_at: now }));
      const removed = entries.filter(([, value]) => value === undefined).map(([name]) => name);
      await writeConfiguration(db, async (transaction) => {
        if (removed.length > 0) await transaction.deleteFrom('settings').where('name', 'in', removed).execute();
        for (const row of rows) {
          await transaction
            .insertInto('settings')
            .values(row)
            .onConflict((conflict) =>
              conflict.column('name').doUpdateSet({ value: row.value, updated_at: row.updated_at }),
            )
            .execute();
        }
      });
    },
  };
}
