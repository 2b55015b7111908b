import type {
  BoundaryAnswer,
  PluginAnswer,
  PluginConfigAnswer,
  PluginConsent,
  PluginCredentialAnswer,
  PluginInspection,
  PluginInstall,
  ProviderExtraField,
} from '@proxycast/console-api';
import type {
  ApiKeyRepository,
  ClientKeyRepository,
  CredentialId,
  EpochMs,
  JsonObject,
  LedgerRepository,
  ProviderId,
  ProviderRepository,
  RouteRepository,
  SettingsRepository,
} from '@proxycast/spec';
import type { SessionStore } from './session-store.ts';

/** What the admin API uses of the world. */
export interface AdminApiPorts {
  readonly clientKeys: ClientKeyRepository;
  readonly providers: ProviderRepository;
  readonly apiKeys: Pick<ApiKeyRepository, 'insert' | 'list' | 'get' | 'update' | 'delete'>;
  readonly keyHealth: KeyHealthPort;
  readonly routes: RouteRepository;
  readonly settings: SettingsRepository;
  readonly ledger: Pick<LedgerRepository, 'list'>;
  readonly sessions: SessionStore;
  now(): EpochMs;
  newId(): string;
  randomBytes(size: number): Uint8Array;
  /** The types a provider can have. */
  readonly providerTypes: readonly ProviderType[];
  /** The dialects that answers can be written in, by id. */
  readonly outputProtocols: readonly string[];
  /** Ids that no row may take, because something built in has them. */
  readonly reservedProviderIds: readonly string[];
  /** Asks the provider something small. An upstream's refusal is an answer, not a throw. */
  testProvider(id: ProviderId): Promise<ProviderTestResult>;
  /** The provider's live list, and what is stored beside it. Throws ProxyCastError when it cannot be had. */
  listProviderModels(id: ProviderId): Promise<readonly ProviderModel[]>;
  /** Throws InvalidRequestError for a protocol that is not registered. No attempts when nothing serves the model. */
  explainPlan(question: PlanQuestion): Promise<PlanExplanation>;
  /** Awaited after every write and before its answer: from then on the gateway works with what was written. */
  onConfigChanged(): Promise<void>;
  /** Lower-case hex of the SHA-256 of every admin token that is valid now. */
  adminTokenHashes(): readonly string[];
  /** Host names besides the loopback ones under which the admin API answers: lower case, without port. */
  allowedHosts(): readonly string[];
  readonly upkeep: Upkeep;
  readonly plugins: PluginsPort;
  readonly log: AdminLog;
  /** Of ProxyCast, for the OpenAPI document. */
  readonly version: string;
}

/** Installed plugins and their credentials, as they are shown. `undefined`: there is no such plugin or credential. */
export interface PluginsPort {
  list(): Promise<readonly PluginAnswer[]>;
  boundary(): Promise<BoundaryAnswer>;
  /** What a manifest says; nothing of the plugin is run. Throws InvalidRequestError. */
  inspect(source: PluginInstall['source']): Promise<PluginInspection>;
  /** Throws InvalidRequestError, or ConflictError `consent_required`, and installs nothing. */
  install(source: PluginInstall['source'], consent: PluginConsent): Promise<PluginAnswer>;
  setEnabled(name: string, enabled: boolean): Promise<PluginAnswer | undefined>;
  verify(name: string): Promise<PluginVerification | undefined>;
  config(name: string): Promise<PluginConfigAnswer | undefined>;
  /** Throws InvalidRequestError where the settings do not fit the plugin's schema. */
  configure(
    name: string,
    changes: { readonly settings?: JsonObject; readonly timeoutMs?: number },
  ): Promise<PluginConfigAnswer | undefined>;
  remove(name: string): Promise<boolean>;
  listCredentials(name: string): Promise<readonly PluginCredentialAnswer[] | undefined>;
  /** Throws InvalidRequestError with the plugin's words, or PluginError where it cannot be asked. */
  addCredential(
    name: string,
    given: { readonly authType: string; readonly config: JsonObject; readonly name?: string },
  ): Promise<PluginCredentialAnswer | undefined>;
  changeCredential(
    name: string,
    id: CredentialId,
    change: PluginCredentialChange,
  ): Promise<PluginCredentialAnswer | undefined>;
  validateCredential(
    name: string,
    id: CredentialId,
  ): Promise<{ readonly ok: boolean; readonly message: string | null } | undefined>;
  /** A new access token, now. */
  refreshCredential(
    name: string,
    id: CredentialId,
  ): Promise<{ readonly ok: boolean; readonly message: string | null } | undefined>;
  removeCredential(name: string, id: CredentialId): Promise<boolean>;
}

export type PluginCredentialChange =
  | { readonly type: 'enable' | 'disable' | 'reset' }
  | { readonly type: 'fields'; readonly name?: string | null; readonly weight?: number | null };

export interface PluginVerification {
  readonly ok: boolean;
  readonly faults: { readonly path: string; readonly code: string }[];
}

/** Work on what ProxyCast keeps. */
export interface Upkeep {
  /** Throws StorageError when it could not be written or does not open. */
  backup(): Promise<{ readonly path: string; readonly bytes: number }>;
  listBackups(): Promise<readonly { readonly name: string; readonly path: string; readonly writtenAt: EpochMs }[]>;
  /**
   * Puts the backup of that name in place of the database, and has everything read again. Throws BackupError or
   * StorageError, and nothing is replaced.
   */
  restore(name: string): Promise<{
    readonly name: string;
    readonly schema?: string;
    readonly bytes: number;
    /** The backup of what was there before. */
    readonly kept?: string;
  }>;
  doctor(): Promise<
    readonly {
      readonly name: string;
      readonly level: 'ok' | 'warning' | 'fault';
      readonly code: string;
      readonly fields: Readonly<Record<string, string | number>>;
      readonly message: string;
    }[]
  >;
}

/** What the pool knows of keys. */
export interface KeyHealthPort {
  of(id: CredentialId): KeyHealth;
  /** Makes the key usable again, whatever it was. */
  reset(id: CredentialId): void;
}

export interface KeyHealth {
  readonly state: {
    readonly type: 'active' | 'cooldown' | 'unhealthy';
    /** When it is tried again. */
    readonly until?: EpochMs;
    readonly cause?: string;
  };
  readonly restingModels: readonly { readonly model: string; readonly until: EpochMs; readonly cause: string }[];
}

export interface ProviderType {
  readonly type: string;
  /** Which of the optional columns this type takes. */
  readonly extraFields: readonly ProviderExtraField[];
  readonly isHostRequired: boolean;
}

export interface ProviderTestResult {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly model?: string;
  readonly status?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly results: readonly KeyTestResult[];
}

export interface KeyTestResult {
  /** Absent where the provider was asked without a key. */
  readonly keyId?: CredentialId;
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
  readonly latencyMs: number;
  readonly status?: number;
  readonly model?: string;
}

export interface ProviderModel {
  readonly id: string;
  readonly ownedBy?: string;
  readonly isLive: boolean;
  readonly isStored: boolean;
}

export interface PlanQuestion {
  readonly model: string;
  readonly protocol: string;
}

export interface PlanExplanation {
  readonly attempts: readonly {
    readonly providerId: string;
    readonly upstreamModel: string;
    /** The dialect the upstream is spoken to in. */
    readonly protocol: string;
    /** In a few words, for people. */
    readonly reason: string;
  }[];
  /** What routing looked at, in order, in sentences. */
  readonly reasons: readonly string[];
}

/** A pino logger fits. */
export interface AdminLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}
