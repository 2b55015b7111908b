import type { AttemptFact } from './attempt-fact.ts';
import type { JsonObject } from './extensions.ts';
import type { ClientKeyId, CredentialId, EpochMs, ProviderId } from './ids.ts';
import type { CredentialChoice } from './upstream-call.ts';

/** A row of `client_keys`. The key itself is never stored. */
export interface ClientKeyRecord {
  readonly id: ClientKeyId;
  readonly name: string;
  /** Lower-case hex of the key's SHA-256. */
  readonly sha256: string;
  /** The key's first characters, so that a person can tell keys apart. */
  readonly prefix: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly revokedAt?: EpochMs;
  readonly expiresAt?: EpochMs;
  readonly allowedModels?: readonly string[];
  readonly allowedProviders?: readonly string[];
  readonly defaultParameters?: Readonly<Record<string, unknown>>;
}

/** A row of `api_key_providers`. `type` and `groupName` are open sets, checked where they are used. */
export interface ProviderRecord {
  readonly id: ProviderId;
  readonly name: string;
  readonly type: string;
  /** As the person or the preset wrote it; may be empty. */
  readonly apiHost: string;
  /** Came with ProxyCast: may be changed and disabled, not deleted. */
  readonly isSystem: boolean;
  readonly groupName: string;
  readonly enabled: boolean;
  readonly sortOrder: number;
  readonly apiVersion?: string;
  readonly project?: string;
  readonly location?: string;
  readonly region?: string;
  /** Model ids a person listed; absent means the preset's. */
  readonly models?: readonly string[];
  /** The header that carries the key, in lower case, or `none`; absent means as the type does it. */
  readonly authHeader?: string;
  /** What stands before the key; absent means `Bearer ` in `authorization` and nothing elsewhere. */
  readonly authPrefix?: string;
  /** Sent with every call. Names in lower case. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
  /** Absent means in turn. */
  readonly keyChoice?: CredentialChoice;
  /** The preset's host that was seeded last: as long as it is also `apiHost`, a new one of the preset takes its place. */
  readonly presetHost?: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** A row of `api_keys`, without the key. */
export interface ApiKeyRecord {
  readonly id: CredentialId;
  readonly providerId: ProviderId;
  readonly name?: string;
  /** The key's last four characters, or fewer for a short key. */
  readonly hint: string;
  readonly enabled: boolean;
  /** Share of the requests where keys are chosen by weight; absent means 1. */
  readonly weight?: number;
  readonly usageCount: number;
  readonly errorCount: number;
  readonly lastUsedAt?: EpochMs;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** A row of `routes`: which providers a model name leads to, in order. */
export interface RouteRecord {
  readonly id: string;
  /** A model name or a glob with `*`. A pattern without `*` is an alias. */
  readonly pattern: string;
  readonly targets: readonly RouteTarget[];
  /** Lower first. */
  readonly sortOrder: number;
  readonly enabled: boolean;
  readonly defaultParameters?: Readonly<Record<string, unknown>>;
  /** What answers are written in: `native` (the dialect of the model behind) or a dialect's id; absent: the client's own. */
  readonly output?: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface RouteTarget {
  /** Absent: whichever provider the model name alone leads to. */
  readonly provider?: string;
  /** Absent: the name as the client sent it. */
  readonly model?: string;
}

/** A row of `ledger`: the fact and what it cost. */
export interface LedgerEntry extends AttemptFact {
  /** Sortable by time. */
  readonly id: string;
  /** Millionths of a US dollar; absent when tokens or price are unknown. */
  readonly costMicroUsd?: number;
}

/** A row of `credential_provider_plugins`: an installed plugin, as it was consented to. */
export interface InstalledPluginRecord {
  /** Its name. */
  readonly id: string;
  readonly displayName: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly timeoutMs: number;
  readonly settings: JsonObject;
  readonly consent: {
    readonly network: readonly string[];
    readonly files: readonly string[];
    readonly keychain: readonly { readonly service: string; readonly account?: string }[];
  };
  /** SHA-256 in lower-case hex of every file, by its path in the plugin's folder. */
  readonly digests: Readonly<Record<string, string>>;
  readonly source: PluginSource;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

/** Where a plugin came from. */
export type PluginSource =
  | { readonly type: 'bundled'; readonly name: string }
  | { readonly type: 'file'; readonly path: string }
  | { readonly type: 'upload' }
  | { readonly type: 'github'; readonly repo: string; readonly version: string };

/** What a credential has been found to be, beyond the rests of one process. */
export type CredentialStatus =
  | { readonly type: 'active' }
  | { readonly type: 'needs_login'; readonly reason: string }
  | { readonly type: 'disabled'; readonly reason: string }
  | { readonly type: 'suspended'; readonly words: string; readonly source?: string };

/** A row of `plugin_credentials`, without its data. */
export interface PluginCredentialRecord {
  readonly id: CredentialId;
  /** The plugin's name. */
  readonly pluginId: string;
  readonly authType: string;
  readonly name?: string;
  /** Whose login it is, as the plugin found out. */
  readonly identity?: { readonly account?: string; readonly plan?: string; readonly label?: string };
  readonly enabled: boolean;
  /** Share of the requests where credentials are chosen by weight; absent means 1. */
  readonly weight?: number;
  readonly status: CredentialStatus;
  /** When the access token ends; absent means never, or not known. */
  readonly expiresAt?: EpochMs;
  /** Rises with every change of its data. */
  readonly version: number;
  readonly stats: { readonly usageCount: number; readonly errorCount: number; readonly lastUsedAt?: EpochMs };
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}
