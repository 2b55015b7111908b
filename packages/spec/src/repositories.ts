import type { AttemptFact } from './attempt-fact.ts';
import type { ClientKeyId, CredentialId, EpochMs, ProviderId, RequestId } from './ids.ts';
import type {
  ApiKeyRecord,
  ClientKeyRecord,
  InstalledPluginRecord,
  LedgerEntry,
  PluginCredentialRecord,
  ProviderRecord,
  RouteRecord,
} from './records.ts';
import type { Secret } from './secret.ts';

/** Absent: unchanged. `null`: cleared. */
export type Changes<Row> = { readonly [Key in keyof Row]?: Row[Key] | (undefined extends Row[Key] ? null : never) };

export interface Page<Row> {
  readonly items: readonly Row[];
  /** Passed back to read on; absent on the last page. */
  readonly nextCursor?: string;
}

export interface ClientKeyRepository {
  insert(record: ClientKeyRecord): Promise<void>;
  list(): Promise<readonly ClientKeyRecord[]>;
  get(id: ClientKeyId): Promise<ClientKeyRecord | undefined>;
  /** Answers the changed row, or `undefined` when there is none. */
  update(
    id: ClientKeyId,
    changes: Changes<
      Pick<
        ClientKeyRecord,
        'name' | 'revokedAt' | 'expiresAt' | 'allowedModels' | 'allowedProviders' | 'defaultParameters'
      >
    >,
    now: EpochMs,
  ): Promise<ClientKeyRecord | undefined>;
  /** Whether there was one. The responses that were kept for it go with it. */
  delete(id: ClientKeyId): Promise<boolean>;
}

export interface SeedReport {
  readonly added: number;
  /** Rows that followed their preset to another host. */
  readonly moved: number;
}

export interface ProviderRepository {
  /** Throws ConflictError when the id is taken. */
  insert(record: ProviderRecord): Promise<void>;
  /**
   * Inserts the rows of presets whose ids are missing. Of the others only the host may change: where it still is what was
   * seeded last, the preset's new one takes its place.
   */
  seed(records: readonly ProviderRecord[]): Promise<SeedReport>;
  /** By sort order, then id. */
  list(): Promise<readonly ProviderRecord[]>;
  get(id: ProviderId): Promise<ProviderRecord | undefined>;
  update(
    id: ProviderId,
    changes: Changes<Omit<ProviderRecord, 'id' | 'isSystem' | 'presetHost' | 'createdAt' | 'updatedAt'>>,
    now: EpochMs,
  ): Promise<ProviderRecord | undefined>;
  /** Its keys go with it. */
  delete(id: ProviderId): Promise<boolean>;
}

export interface ApiKeyRepository {
  /** Encrypts the secret; it is never stored in the clear. */
  insert(record: ApiKeyRecord, secret: Secret): Promise<void>;
  list(providerId: ProviderId): Promise<readonly ApiKeyRecord[]>;
  get(id: CredentialId): Promise<ApiKeyRecord | undefined>;
  /** Every enabled key of every provider with its secret decrypted, by creation time. For the composition root only. */
  listWithSecrets(): Promise<readonly { readonly record: ApiKeyRecord; readonly secret: Secret }[]>;
  /** Every key of one provider, also disabled ones; `secret` is absent where it cannot be decrypted. For the composition root only. */
  secretsOf(providerId: ProviderId): Promise<readonly { readonly record: ApiKeyRecord; readonly secret?: Secret }[]>;
  update(
    id: CredentialId,
    changes: Changes<Pick<ApiKeyRecord, 'name' | 'enabled' | 'weight'>> & {
      readonly secret?: Secret;
      readonly hint?: string;
    },
    now: EpochMs,
  ): Promise<ApiKeyRecord | undefined>;
  delete(id: CredentialId): Promise<boolean>;
  /** Adds to the counters in one statement per key, without reading first. */
  addCounts(
    counts: readonly {
      readonly id: CredentialId;
      readonly used: number;
      readonly errors: number;
      readonly lastUsedAt: EpochMs;
    }[],
  ): Promise<void>;
}

export interface RouteRepository {
  insert(record: RouteRecord): Promise<void>;
  /** By sort order, then id. */
  list(): Promise<readonly RouteRecord[]>;
  get(id: string): Promise<RouteRecord | undefined>;
  update(
    id: string,
    changes: Changes<Omit<RouteRecord, 'id' | 'createdAt' | 'updatedAt'>>,
    now: EpochMs,
  ): Promise<RouteRecord | undefined>;
  delete(id: string): Promise<boolean>;
}

/** Live settings: dotted keys to JSON values. */
export interface SettingsRepository {
  all(): Promise<Readonly<Record<string, unknown>>>;
  /** Several at once, all or none. A value of `undefined` removes the key. */
  set(values: Readonly<Record<string, unknown>>, now: EpochMs): Promise<void>;
}

export interface LedgerFilter {
  readonly requestId?: RequestId;
  readonly clientKeyId?: ClientKeyId;
  readonly providerId?: ProviderId;
  readonly since?: EpochMs;
  readonly until?: EpochMs;
}

/** Facts gathered for one write, in a form that keeps no object of a request alive. */
export interface LedgerBatch {
  readonly size: number;
  /** `id` sorts by time; `costMicroUsd` is absent when tokens or price are unknown. */
  add(fact: AttemptFact, id: string, costMicroUsd: number | undefined): void;
  /** One transaction. After a failure it may be called again: an entry whose id is there already is left as it is. */
  write(): Promise<void>;
}

export interface LedgerRepository {
  /** One transaction. An entry whose id is there already is left as it is, so a batch can be sent again. */
  append(entries: readonly LedgerEntry[]): Promise<void>;
  /** Newest first. `limit` at most 500. */
  list(filter: LedgerFilter, page: { readonly limit: number; readonly cursor?: string }): Promise<Page<LedgerEntry>>;
}

/** Installed plugins. Changes raise the configuration's version. */
export interface PluginRepository {
  /** Takes the place of one of the same name, and keeps its credentials and when it was first installed. */
  put(record: InstalledPluginRecord): Promise<void>;
  /** By name. */
  list(): Promise<readonly InstalledPluginRecord[]>;
  get(id: string): Promise<InstalledPluginRecord | undefined>;
  update(
    id: string,
    changes: Changes<Pick<InstalledPluginRecord, 'enabled' | 'timeoutMs' | 'settings'>>,
    now: EpochMs,
  ): Promise<InstalledPluginRecord | undefined>;
  /** Its credentials go with it. */
  delete(id: string): Promise<boolean>;
}

export interface PluginCredentialRepository {
  /** `data` is encrypted; it is never stored in the clear. Throws ConflictError where the plugin is not there. */
  insert(record: PluginCredentialRecord, data: Secret): Promise<void>;
  /** By creation time. */
  list(pluginId: string): Promise<readonly PluginCredentialRecord[]>;
  get(id: CredentialId): Promise<PluginCredentialRecord | undefined>;
  /** With its data decrypted. Throws StorageError where it cannot be. For the composition root only. */
  getWithData(
    id: CredentialId,
  ): Promise<{ readonly record: PluginCredentialRecord; readonly data: Secret } | undefined>;
  /** Of every plugin, enabled or not, with its data decrypted; one that cannot be is left out. For the composition root only. */
  listWithData(): Promise<readonly { readonly record: PluginCredentialRecord; readonly data: Secret }[]>;
  update(
    id: CredentialId,
    changes: Changes<Pick<PluginCredentialRecord, 'name' | 'enabled' | 'weight' | 'status' | 'identity' | 'stats'>>,
    now: EpochMs,
  ): Promise<PluginCredentialRecord | undefined>;
  delete(id: CredentialId): Promise<boolean>;
}
