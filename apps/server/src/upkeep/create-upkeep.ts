import type { PluginsPort, Upkeep } from '@proxycast/admin-api';
import type { Preset } from '@proxycast/api-key-providers';
import { BackupError, type EpochMs, StorageError } from '@proxycast/spec';
import { type CheckedBackup, listBackups, restoreUnsupported, type Storage } from '@proxycast/storage';
import type { ServerConfig } from '../config/parse-server-config.ts';
import { checkBackups } from '../doctor/check-backups.ts';
import { checkConfiguration } from '../doctor/check-configuration.ts';
import { checkDeclaredFile } from '../doctor/check-declared.ts';
import { checkHome, checkRuntime } from '../doctor/check-machine.ts';
import { checkPlugins, type ExaminedPlugins } from '../doctor/check-plugins.ts';
import { ok } from '../doctor/doctor-check.ts';
import type { HomeFolder } from '../home/home-folder.ts';

export interface UpkeepParts {
  readonly storage: Storage;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly home: HomeFolder;
  readonly plugins: Pick<PluginsPort, 'list' | 'boundary' | 'listCredentials'>;
  readonly config: Pick<ServerConfig, 'databaseUrl'>;
  readonly checkWritten: (path: string) => Promise<CheckedBackup>;
  /** Writes what waits for the database, so that the backup of what is there before a restore has it. */
  readonly beforeRestore: () => Promise<void>;
  /** Brings the restored database up to what this start promised, and forgets what was true of the old one. */
  readonly afterRestore: () => Promise<void>;
  readonly now: () => EpochMs;
}

/** What the admin API offers to keep a running ProxyCast well. */
export function createUpkeep(parts: UpkeepParts): Upkeep {
  const { storage, presets, home, plugins, config, checkWritten, beforeRestore, afterRestore, now } = parts;

  async function examinePlugins(): Promise<ExaminedPlugins | undefined> {
    // Where none is installed what runs them is not loaded, and what holds them back concerns nobody.
    if ((await storage.plugins.list()).length === 0) return undefined;
    const listed = await plugins.list();
    const credentials = await Promise.all(listed.map(({ name }) => plugins.listCredentials(name)));
    return {
      plugins: listed,
      credentials: credentials.flatMap((some) => some ?? []),
      boundary: await plugins.boundary(),
    };
  }

  return {
    async backup() {
      const outcome = await storage.backup();
      if (outcome.type === 'unavailable') throw new StorageError({ code: 'storage_failed', message: outcome.reason });
      const bytes = config.databaseUrl === undefined ? (await checkWritten(outcome.path)).bytes : 0;
      return { path: outcome.path, bytes };
    },
    listBackups: () => listBackups(home.backups),
    async restore(name) {
      // Only names that the folder lists: no path leads out of it.
      const backup = (await listBackups(home.backups)).find((listed) => listed.name === name);
      if (backup === undefined) {
        throw new BackupError({
          code: 'backup_missing',
          message: `There is no backup of that name in ${home.backups}. "proxycast backup --list" names those there are.`,
        });
      }
      if (config.databaseUrl !== undefined) throw restoreUnsupported(backup.path);
      await beforeRestore();
      const restored = await storage.restore(backup.path);
      await afterRestore();
      return { name, ...restored };
    },
    async doctor() {
      const examined = await examinePlugins();
      return [
        checkRuntime(process.versions.node),
        ...checkHome(home.path),
        ...(await checkDeclaredFile(home.declared, process.env)),
        ok('database', 'database_ok', { schema: storage.migration.to ?? storage.migration.from ?? 'none' }),
        ...checkBackups(await listBackups(home.backups), now()),
        ...(await checkConfiguration(storage, presets, examined?.plugins)),
        ...(examined === undefined ? [] : checkPlugins(examined)),
      ];
    },
  };
}
