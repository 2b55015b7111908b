import type { EpochMs, ErrorKind } from '@proxycast/spec';

/** Whether a credential may be used now, and if not, until when and why. */
export type CredentialState =
  | { readonly type: 'active' }
  | { readonly type: 'cooldown'; readonly until: EpochMs; readonly cause: ErrorKind; readonly strikes: number };

export const ACTIVE: CredentialState = { type: 'active' };
