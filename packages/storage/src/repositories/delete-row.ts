import type { Kysely } from 'kysely';
import type { DatabaseTables } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';

type ConfigurationTable = 'api_keys' | 'credential_provider_plugins' | 'plugin_credentials' | 'routes';

/** Deletes a row of the configuration. Answers whether it was there. */
export function deleteRow(db: Kysely<DatabaseTables>, table: ConfigurationTable, id: string): Promise<boolean> {
  return writeConfiguration(
    db,
    async (transaction) => {
      const { numDeletedRows } = await transaction.deleteFrom(table).where('id', '=', id).executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    (wasThere) => wasThere,
  );
}
