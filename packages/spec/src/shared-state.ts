import type { CredentialId, EpochMs } from './ids.ts';
import type { CredentialStatus, PluginCredentialRecord } from './records.ts';
import type { Secret } from './secret.ts';

/** What all processes and nodes on one database have to agree on. Each call that the database cannot serve rejects with a StorageError. */
export interface SharedState {
  readonly refreshes: SharedRefreshes;
}

/** A credential's row, held by one process for a while. It is no lock on the database: whoever holds it may call a service. */
export interface RefreshLease {
  readonly id: CredentialId;
  /** Rises with every holder: what an earlier one writes later is told apart. */
  readonly fence: number;
  /** Failures in a row so far. */
  readonly failures: number;
  /** An attempt of which nobody has said that its token is not spent. */
  readonly attempt?: RefreshAttempt;
}

export interface RefreshAttempt {
  readonly fence: number;
  /** Of the credential whose token was, or was about to be, exchanged. */
  readonly version: number;
  readonly at: EpochMs;
}

export type RefreshTaking =
  | { readonly type: 'taken'; readonly lease: RefreshLease }
  | { readonly type: 'held' }
  /** The last attempt failed; not again before `until`. */
  | { readonly type: 'resting'; readonly until: EpochMs }
  /** There is no such credential. */
  | { readonly type: 'gone' };

/** New data of a credential, in place of that of one version. */
export interface RenewedCredential {
  readonly fromVersion: number;
  readonly data: Secret;
  readonly expiresAt?: EpochMs;
  readonly identity?: PluginCredentialRecord['identity'];
}

/**
 * Who may exchange a credential's token now. The mark of an attempt is written before the exchange and goes only with what
 * the exchange gave, or with the knowledge that nothing was spent; as long as it names the version that is stored, nobody starts another.
 */
export interface SharedRefreshes {
  /** Takes the row where nobody holds it, or whoever did let `until` pass. `ignoresRest`: also before a failure's rest is over. */
  take(
    id: CredentialId,
    by: { readonly owner: string; readonly until: EpochMs; readonly ignoresRest: boolean },
    now: EpochMs,
  ): Promise<RefreshTaking>;
  /** Marks that the token of this version is about to be exchanged. False: the row or the credential has moved on, or it was marked before. */
  startAttempt(lease: RefreshLease, version: number, until: EpochMs, now: EpochMs): Promise<boolean>;
  /**
   * Writes what the exchange gave and lets go, where the version still is the one exchanged and the mark still is this holder's; the
   * credential is active then. Also after the row was taken over, since nobody exchanges a marked token again.
   */
  save(lease: RefreshLease, renewed: RenewedCredential, now: EpochMs): Promise<boolean>;
  /** Nothing was spent: takes this holder's mark back, lets go, and rests until then. */
  postpone(lease: RefreshLease, rest: { readonly failures: number; readonly until: EpochMs }): Promise<boolean>;
  /** The token of this version is of no use any more: says so and lets go, where that version still is stored. The mark stays. */
  end(lease: RefreshLease, version: number, status: CredentialStatus, now: EpochMs): Promise<boolean>;
  /** Lets go and leaves everything else. */
  release(lease: RefreshLease): Promise<void>;
  /** Data that somebody else got, whoever holds the row; the credential is active then and its rest is over. False: not that version any more. */
  adopt(id: CredentialId, found: RenewedCredential, now: EpochMs): Promise<boolean>;
}
