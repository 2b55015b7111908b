import type { Credential, CredentialId, EpochMs, ErrorKind, ProviderId } from '@proxycast/spec';
import { coolDownMs } from './cool-down.ts';
import { ACTIVE, type CredentialState } from './credential-state.ts';

export type CredentialReport =
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed'; readonly kind: ErrorKind; readonly retryAfterMs?: number };

export interface CredentialPool {
  /**
   * The next credential to try, in turn. One that is cooling down is taken only when every other was tried: a
   * cool-down changes the order and never refuses a request on its own.
   */
  choose(
    providerId: ProviderId,
    credentials: readonly Credential[],
    tried: ReadonlySet<CredentialId>,
  ): Credential | undefined;
  report(id: CredentialId, report: CredentialReport): void;
  stateOf(id: CredentialId): CredentialState;
  /** Forgets everything about credentials that are no longer there. */
  retain(ids: ReadonlySet<CredentialId>): void;
}

export function createCredentialPool({ now }: { readonly now: () => EpochMs }): CredentialPool {
  const states = new Map<CredentialId, CredentialState>();
  const turns = new Map<ProviderId, number>();

  const stateOf = (id: CredentialId): CredentialState => {
    const state = states.get(id) ?? ACTIVE;
    return state.type === 'cooldown' && state.until <= now() ? ACTIVE : state;
  };

  return {
    stateOf,

    choose(providerId, credentials, tried) {
      const turn = turns.get(providerId) ?? 0;
      let soonest: { readonly credential: Credential; readonly until: EpochMs } | undefined;
      for (let step = 0; step < credentials.length; step++) {
        const index = (turn + step) % credentials.length;
        const credential = credentials[index];
        if (credential === undefined || tried.has(credential.id)) continue;
        const state = stateOf(credential.id);
        if (state.type === 'active') {
          turns.set(providerId, (index + 1) % credentials.length);
          return credential;
        }
        if (soonest === undefined || state.until < soonest.until) soonest = { credential, until: state.until };
      }
      return soonest?.credential;
    },

    report(id, report) {
      if (report.type === 'succeeded') {
        if (states.size > 0) states.delete(id);
        return;
      }
      const previous = states.get(id);
      const strikes = (previous?.type === 'cooldown' ? previous.strikes : 0) + 1;
      const restMs = coolDownMs(report.kind, strikes, report.retryAfterMs);
      if (restMs > 0) states.set(id, { type: 'cooldown', until: now() + restMs, cause: report.kind, strikes });
    },

    retain(ids) {
      for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
    },
  };
}
