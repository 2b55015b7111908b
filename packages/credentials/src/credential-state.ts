import type { EpochMs, ErrorKind } from '@proxycast/spec';

/** Whether a credential may be used now, and if not, until when and why. */
export type CredentialState =
  | { readonly type: 'active' }
  | {
      readonly type: 'cooldown';
      readonly until: EpochMs;
      readonly cause: ErrorKind;
      readonly strikes: number;
      /** Only this model rests; absent: all do. */
      readonly model?: string;
    }
  /** Refused three times in a row: one request at a time tries it again. */
  | { readonly type: 'unhealthy'; readonly cause: ErrorKind; readonly strikes: number; readonly nextProbeAt: EpochMs }
  | { readonly type: 'disabled'; readonly by: 'person' | 'plugin'; readonly reason: string }
  /** Only a person can help. */
  | { readonly type: 'needs_login'; readonly reason: string }
  /** By the vendor, in its own words; permanent. */
  | { readonly type: 'suspended'; readonly words: string; readonly source?: string };

export type EndedState = Extract<CredentialState, { readonly type: 'disabled' | 'needs_login' | 'suspended' }>;

/** Not used at all, not even when every other one was tried. */
export const isOutOfUse = (state: CredentialState): state is EndedState =>
  state.type === 'disabled' || state.type === 'needs_login' || state.type === 'suspended';

export const ACTIVE: CredentialState = { type: 'active' };
