import type {
  CredentialId,
  CredentialStatus,
  EpochMs,
  PluginCredentialRecord,
  RefreshLease,
  RefreshTaking,
  RenewedCredential,
  Secret,
} from '@proxycast/spec';

export interface StoredCredential {
  readonly record: PluginCredentialRecord;
  readonly data: Secret;
}

export type RefreshReason = 'expiry' | 'rejected' | 'person';

export interface RefreshRequest {
  readonly id: CredentialId;
  readonly reason: RefreshReason;
  /** The version that ends or was refused: where a newer one is stored, nothing is to be done. Absent: the one stored now. */
  readonly seenVersion?: number;
}

/** A token with all that belongs to it, wherever it came from. */
export type FoundToken = Omit<RenewedCredential, 'fromVersion'>;

export type EndedStatus = Exclude<CredentialStatus, { readonly type: 'active' }>;

export type ExchangeResult =
  | ({ readonly type: 'renewed' } & FoundToken)
  /** The token was not spent: it is tried again later. */
  | { readonly type: 'failed'; readonly message: string; readonly retryAfterMs?: number }
  /** The service does not take the token. */
  | { readonly type: 'refused'; readonly status: EndedStatus }
  /** It was cut off: nobody knows whether the token was spent. */
  | { readonly type: 'unknown' };

export type RefreshOutcome =
  | { readonly type: 'refreshed'; readonly version: number; readonly expiresAt?: EpochMs }
  /** Somebody else has renewed it. */
  | { readonly type: 'current'; readonly version: number; readonly expiresAt?: EpochMs }
  /** A newer token was found where somebody else keeps it. */
  | { readonly type: 'adopted'; readonly version: number; readonly expiresAt?: EpochMs }
  /** Not now, and not before `until`; `message` where this attempt failed. */
  | { readonly type: 'postponed'; readonly until: EpochMs; readonly message?: string }
  /** Only a person can help. */
  | { readonly type: 'ended'; readonly status: EndedStatus }
  /** Another process is at it and did not come to an end in time. */
  | { readonly type: 'busy' }
  | { readonly type: 'gone' };

interface Held {
  readonly lease: RefreshLease;
  readonly seen: number;
}
interface Loaded extends Held {
  readonly credential: StoredCredential;
}
/** How often a write was tried that must not be given up lightly. */
interface Tried {
  readonly tries: number;
}

/** Where a refresh stands; each state is the one step that is done in it. */
export type RefreshState =
  /** Reads the credential, holding nothing. */
  | { readonly type: 'looking'; readonly seen?: number; readonly polls: number }
  | { readonly type: 'taking'; readonly seen: number; readonly polls: number }
  /** Another holds it: waits a little. */
  | { readonly type: 'waiting'; readonly seen: number; readonly polls: number }
  /** Reads the credential again, holding the lease. */
  | ({ readonly type: 'reading' } & Held)
  /** Writes the mark. */
  | ({ readonly type: 'marking' } & Loaded)
  | ({ readonly type: 'exchanging' } & Loaded)
  | ({ readonly type: 'saving'; readonly renewed: FoundToken } & Loaded & Tried)
  | ({ readonly type: 'postponing'; readonly failure: PostponedFailure } & Loaded & Tried)
  /** Looks whether somebody else has a newer token, before `ending` is believed. */
  | ({ readonly type: 'searching'; readonly ending: EndedStatus } & Loaded)
  | ({ readonly type: 'adopting'; readonly found: FoundToken } & Loaded)
  | ({ readonly type: 'ending'; readonly ending: EndedStatus } & Loaded & Tried)
  | { readonly type: 'releasing'; readonly lease: RefreshLease; readonly next: RefreshState }
  | { readonly type: 'done'; readonly outcome: RefreshOutcome };

export interface PostponedFailure {
  readonly failures: number;
  readonly until: EpochMs;
  readonly message: string;
}

/** What came of a step. */
export type RefreshEvent =
  | { readonly type: 'found'; readonly credential: StoredCredential }
  | RefreshTaking
  | { readonly type: 'woke' }
  | { readonly type: 'tired' }
  | { readonly type: 'marked' }
  /** The row or the credential has moved on: what was to be written is of the past. */
  | { readonly type: 'outrun' }
  | ExchangeResult
  | { readonly type: 'saved' }
  | { readonly type: 'postponed' }
  | { readonly type: 'nothing' }
  | { readonly type: 'elsewhere'; readonly found: FoundToken }
  | { readonly type: 'adopted' }
  | { readonly type: 'ended' }
  | { readonly type: 'released' }
  /** A write could not be made: it is tried again. */
  | { readonly type: 'broken' };
