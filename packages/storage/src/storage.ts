import type {
  ApiKeyRepository,
  ClientKeyRepository,
  KeptResponseRepository,
  PluginCredentialRepository,
  PluginRepository,
  ProviderRepository,
  RouteRepository,
  SettingsRepository,
  SharedState,
} from '@proxycast/spec';
import type { RestoreReport } from './backups/restore-backup.ts';
import type { BackupOutcome } from './engine.ts';
import type { MigrationReport } from './migrate.ts';
import type { LedgerStore } from './repositories/ledger-store.ts';

/** Everything ProxyCast keeps. Each call that the database cannot serve rejects with a StorageError. */
export interface Storage extends AsyncDisposable {
  readonly clientKeys: ClientKeyRepository;
  readonly providers: ProviderRepository;
  readonly apiKeys: ApiKeyRepository;
  readonly routes: RouteRepository;
  readonly settings: SettingsRepository;
  readonly ledger: LedgerStore;
  readonly keptResponses: KeptResponseRepository;
  readonly plugins: PluginRepository;
  readonly pluginCredentials: PluginCredentialRepository;
  readonly sharedState: SharedState;
  /** What opening did to the schema. */
  readonly migration: MigrationReport;
  /** Rises with every change of client keys, providers, plugins, their keys and credentials, routes and settings; not with counters. */
  configVersion(): Promise<number>;
  /** 32 bytes for keys of the host's own, the same from the first time on, whatever the master key is. */
  hostSecret(name: string): Promise<Uint8Array>;
  /** A whole copy in the backups folder; on PostgreSQL with `pg_dump`, which may be missing. */
  backup(): Promise<BackupOutcome>;
  /**
   * Puts a backup in place of the database while it is open: checked first, what is stored now backed up, then replaced
   * at once. Calls made meanwhile wait. Throws BackupError or StorageError, and nothing is replaced.
   */
  restore(path: string): Promise<RestoreReport>;
  /**
   * Wraps every stored secret with a new key of 32 bytes, all or none, and answers how many. From then on only the
   * new key opens the database.
   */
  rotateMasterKey(newKey: Uint8Array): Promise<number>;
  /** Statements and transactions that were asked before finish first; what is asked after rejects. */
  close(): Promise<void>;
}
