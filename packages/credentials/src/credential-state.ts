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
  | { readonly type: 'unhealthy'; readonly cause: ErrorKind; readonly strikes: number; readonly nextProbeAt: EpochMs };

export const ACTIVE: CredentialState = { type: 'active' };
