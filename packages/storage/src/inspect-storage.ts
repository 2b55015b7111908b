import { readSchemaState, type SchemaState } from './migrate.ts';
import { createMigrations } from './migrations/migrations.ts';
import { openEngine } from './open-engine.ts';
import type { StorageParts } from './open-storage.ts';
import { parseMasterKey } from './secrets/master-key.ts';
import { checkMasterKey } from './secrets/master-key-check.ts';

/**
 * Opens the database, looks at its schema and tries the master key, and closes it again; nothing is migrated. Throws
 * StorageError with what to do.
 */
export async function inspectStorage({
  location,
  masterKey,
  backupsDirectory,
}: Pick<StorageParts, 'location' | 'masterKey' | 'backupsDirectory'>): Promise<SchemaState> {
  const engine = await openEngine(location, backupsDirectory);
  try {
    const state = await readSchemaState(engine, createMigrations(engine.type));
    if (state.applied.length > 0) await checkMasterKey(engine.db, parseMasterKey(masterKey), engine.label);
    return state;
  } finally {
    await engine.close();
  }
}
