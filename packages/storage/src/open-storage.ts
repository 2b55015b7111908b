import type { EpochMs, StorageError } from '@proxycast/spec';
import { renderBackupStem } from './backups/backup-name.ts';
import { createRestore } from './backups/create-restore.ts';
import type { RestoreReport } from './backups/restore-backup.ts';
import type { Engine } from './engine.ts';
import { type MigrationReport, migrateDown, migrateUp, readSchemaState } from './migrate.ts';
import { createMigrations } from './migrations/migrations.ts';
import { openEngine, type StorageLocation } from './open-engine.ts';
import { createApiKeyRepository } from './repositories/api-key-repository.ts';
import { createClientKeyRepository } from './repositories/client-key-repository.ts';
import { createKeptResponseRepository } from './repositories/kept-response-repository.ts';
import { createLedgerStore } from './repositories/ledger-store.ts';
import { createPluginCredentialRepository } from './repositories/plugin-credential-repository.ts';
import { createPluginRepository } from './repositories/plugin-repository.ts';
import { createProviderRepository } from './repositories/provider-repository.ts';
import { createRouteRepository } from './repositories/route-repository.ts';
import { createSettingsRepository } from './repositories/settings-repository.ts';
import { readHostSecret } from './secrets/host-secret.ts';
import { type MasterKey, parseMasterKey } from './secrets/master-key.ts';
import { checkMasterKey, claimMasterKey } from './secrets/master-key-check.ts';
import { rotateMasterKey } from './secrets/rotate-master-key.ts';
import { createSharedRefreshes } from './shared-state/shared-refreshes.ts';
import type { Storage } from './storage.ts';
import { readConfigVersion } from './write-configuration.ts';

export interface StorageParts {
  readonly location: StorageLocation;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
  /** Made when the first backup is. */
  readonly backupsDirectory: string;
  readonly now: () => EpochMs;
  /** Told of each API key that cannot be decrypted, which is then left out. Absent: `listWithSecrets` throws. */
  readonly onUnreadableSecret?: (error: StorageError) => void;
}

/**
 * Opens the database, makes or migrates its tables, and checks the master key before anything is changed.
 * Throws StorageError with what to do, and leaves the database as it was.
 */
export async function openStorage({
  location,
  masterKey: masterKeyBytes,
  backupsDirectory,
  now,
  onUnreadableSecret,
}: StorageParts): Promise<Storage> {
  const masterKey = parseMasterKey(masterKeyBytes);
  const engine = await openEngine(location, backupsDirectory);
  try {
    const migrations = createMigrations(engine.type);
    const state = await readSchemaState(engine, migrations);
    if (state.applied.length > 0) await checkMasterKey(engine.db, masterKey, engine.label);
    const migration = await migrateUp(engine, migrations, state, now);
    await claimMasterKey(engine.db, masterKey, engine.label);
    const restore = createRestore({ location, engine, backupsDirectory, now, schema: migration.to ?? '' });
    return createStorage({ engine, masterKey, masterKeyBytes, migration, now, onUnreadableSecret, restore });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/**
 * Takes the last migration back, after a backup, with no storage open: for going back to an earlier version.
 * Throws StorageError.
 */
export async function stepStorageDown({
  location,
  backupsDirectory,
  now,
}: Pick<StorageParts, 'location' | 'backupsDirectory' | 'now'>): Promise<MigrationReport> {
  const engine = await openEngine(location, backupsDirectory);
  try {
    return await migrateDown(engine, createMigrations(engine.type), now);
  } finally {
    await engine.close();
  }
}

interface OpenedParts {
  readonly engine: Engine;
  readonly masterKey: MasterKey;
  readonly masterKeyBytes: Uint8Array;
  readonly migration: MigrationReport;
  readonly now: () => EpochMs;
  readonly onUnreadableSecret: ((error: StorageError) => void) | undefined;
  readonly restore: (path: string, masterKey: Uint8Array) => Promise<RestoreReport>;
}

function createStorage(parts: OpenedParts): Storage {
  const { engine, masterKey, migration, now, onUnreadableSecret, restore } = parts;
  /** In force: the one a backup has to open with. */
  let { masterKeyBytes } = parts;
  const { db, label } = engine;
  const keyring = new Map([[masterKey.id, masterKey]]);
  return {
    clientKeys: createClientKeyRepository(db),
    providers: createProviderRepository(db),
    apiKeys: createApiKeyRepository({
      db,
      keyring,
      label,
      ...(onUnreadableSecret === undefined ? {} : { onUnreadableSecret }),
    }),
    routes: createRouteRepository(db),
    settings: createSettingsRepository(db),
    ledger: createLedgerStore(engine),
    keptResponses: createKeptResponseRepository({
      db,
      prepareInsert: (insert) => engine.prepareInsert(insert),
      keyring,
      label,
    }),
    plugins: createPluginRepository({ db, keyring, label }),
    pluginCredentials: createPluginCredentialRepository({
      db,
      keyring,
      label,
      ...(onUnreadableSecret === undefined ? {} : { onUnreadableSecret }),
    }),
    sharedState: { refreshes: createSharedRefreshes({ db, keyring, label, makeDurable: engine.makeDurable }) },
    hostSecret: (name) => readHostSecret({ db, keyring, label }, name),
    migration,
    configVersion: () => readConfigVersion(db),
    backup: () => engine.backup(renderBackupStem(now(), migration.to ?? '')),
    restore: (path) => restore(path, masterKeyBytes),
    async rotateMasterKey(newKeyBytes) {
      const newKey = parseMasterKey(newKeyBytes);
      const oldIds = [...keyring.keys()].filter((id) => id !== newKey.id);
      // Both keys are at hand until the change is done, so that nobody reads a record he cannot open.
      keyring.set(newKey.id, newKey);
      try {
        const count = await rotateMasterKey({ db, label, keyring, newKey });
        for (const id of oldIds) keyring.delete(id);
        masterKeyBytes = newKeyBytes;
        return count;
      } catch (error) {
        if (oldIds.length > 0) keyring.delete(newKey.id);
        throw error;
      }
    },
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}
