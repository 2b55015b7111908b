import type { Upkeep } from '@proxycast/admin-api';
import type { Preset } from '@proxycast/api-key-providers';
import { type EpochMs, StorageError } from '@proxycast/spec';
import { type CheckedBackup, listBackups, type Storage } from '@proxycast/storage';
import type { ServerConfig } from '../config/parse-server-config.ts';
import { checkBackups } from '../doctor/check-backups.ts';
import { checkConfiguration } from '../doctor/check-configuration.ts';
import { checkHome, checkRuntime } from '../doctor/check-machine.ts';
import { ok } from '../doctor/doctor-check.ts';
import type { HomeFolder } from '../home/home-folder.ts';

export interface UpkeepParts {
  readonly storage: Storage;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly home: HomeFolder;
  readonly config: Pick<ServerConfig, 'databaseUrl'>;
  readonly checkWritten: (path: string) => Promise<CheckedBackup>;
  readonly now: () => EpochMs;
}

/** What the admin API offers to keep a running ProxyCast well. */
export function createUpkeep({ storage, presets, home, config, checkWritten, now }: UpkeepParts): Upkeep {
  return {
    async backup() {
      const outcome = await storage.backup();
      if (outcome.type === 'unavailable') throw new StorageError({ code: 'storage_failed', message: outcome.reason });
      const bytes = config.databaseUrl === undefined ? (await checkWritten(outcome.path)).bytes : 0;
      return { path: outcome.path, bytes };
    },
    listBackups: () => listBackups(home.backups),
    async doctor() {
      return [
        checkRuntime(process.versions.node),
        ...checkHome(home.path),
        ok('database', `Schema ${storage.migration.to ?? storage.migration.from ?? 'none'}.`),
        ...checkBackups(await listBackups(home.backups), now()),
        ...(await checkConfiguration(storage, presets)),
      ];
    },
  };
}
