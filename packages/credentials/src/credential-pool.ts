import {
  type Credential,
  type CredentialChoice,
  type CredentialId,
  type CredentialVerdict,
  type EpochMs,
  type ErrorKind,
  type ProviderId,
  unreachable,
} from '@proxycast/spec';
import { chooseIndex } from './choice.ts';
import { coolDownMs, isOfOneModel, MAX_COOL_DOWN_MS } from './cool-down.ts';
import { ACTIVE, type CredentialState, type EndedState, isOutOfUse } from './credential-state.ts';

export type CredentialReport =
  | { readonly type: 'succeeded' }
  | {
      readonly type: 'failed';
      readonly kind: ErrorKind;
      readonly retryAfterMs?: number;
      /** As its provider says; bounded all the same. */
      readonly coolDown?: { readonly until: EpochMs; readonly scope: 'model' | 'all' };
      /** What its provider says it has become. */
      readonly condition?: CredentialVerdict;
      /** When the request that failed began. */
      readonly sentAt?: EpochMs;
    };

export interface CredentialQuery {
  readonly providerId: ProviderId;
  readonly credentials: readonly Credential[];
  readonly tried: ReadonlySet<CredentialId>;
  /** How to choose; absent means in turn. */
  readonly choice?: CredentialChoice;
  /** Of the upstream: a limit of one model does not rest the credential for others. */
  readonly model: string;
}

export interface RestingModel {
  readonly model: string;
  readonly until: EpochMs;
  readonly cause: ErrorKind;
}

export interface CredentialPool {
  /**
   * The next credential to try. One that rests is taken only when every other was tried: a rest changes the order and
   * never refuses a request on its own.
   */
  choose(query: CredentialQuery): Credential | undefined;
  report(id: CredentialId, report: CredentialReport, model: string): void;
  /** For one model, or the hardest of all where none is named. */
  stateOf(id: CredentialId, model?: string): CredentialState;
  /** Whether it is used for nothing, not even where every other one was tried. */
  isOutOfUse(id: CredentialId): boolean;
  /** The models for which a credential rests while it serves others. */
  restingModels(id: CredentialId): readonly RestingModel[];
  /** Makes a credential active again, whatever it was: a person knows better. */
  reset(id: CredentialId): void;
  /** Forgets everything about credentials that are no longer there. */
  retain(ids: ReadonlySet<CredentialId>): void;
}

/** Three: a lone refusal is common when a vendor deploys, and a second can be the same moment. */
const STRIKES_BEFORE_UNHEALTHY = 3;
const FIRST_PROBE_MS = 5 * 60_000;
const MAX_PROBE_MS = 60 * 60_000;
/** A refresh takes seconds; one that takes longer, or fails, is no reason not to try the credential when no other is left. */
const REFRESH_REST_MS = 60_000;
/** A client that makes up model names must not grow the memory. */
const MAX_RESTING_MODELS = 64;

/** What is known of one credential; no entry means nothing bad. */
interface Health {
  /** Consecutive refusals that speak of the credential itself. */
  strikes: number;
  all: CredentialState;
  readonly models: Map<string, CredentialState>;
}

export function createCredentialPool({
  now,
  random = Math.random,
  onTokenRefused = () => {},
  onEnded = () => {},
}: {
  readonly now: () => EpochMs;
  readonly random?: () => number;
  /** Its provider says that it has to be refreshed. It rests until it was, or until the rest is over. */
  readonly onTokenRefused?: (id: CredentialId, sentAt: EpochMs) => void;
  /** Its provider says that it is of no use any more: that outlasts this process. */
  readonly onEnded?: (id: CredentialId, state: EndedState) => void;
}): CredentialPool {
  const health = new Map<CredentialId, Health>();
  const lastIndexes = new Map<ProviderId, number>();
  const uses = new Map<CredentialId, number>();

  const current = (state: CredentialState | undefined): CredentialState =>
    state === undefined || (state.type === 'cooldown' && state.until <= now()) ? ACTIVE : state;

  const stateOf = (id: CredentialId, model?: string): CredentialState => {
    const known = health.get(id);
    if (known === undefined) return ACTIVE;
    const all = current(known.all);
    if (all.type !== 'active' || model === undefined) return all;
    return current(known.models.get(model));
  };

  /** When a credential that rests may be tried, as the last resort. */
  const restsUntil = (state: CredentialState): EpochMs => {
    switch (state.type) {
      case 'active':
        return 0;
      case 'cooldown':
        return state.until;
      case 'unhealthy':
        return state.nextProbeAt;
      case 'disabled':
      case 'needs_login':
      case 'suspended':
        return Number.POSITIVE_INFINITY;
    }
  };

  const healthOf = (id: CredentialId): Health => {
    const known = health.get(id) ?? { strikes: 0, all: ACTIVE, models: new Map<string, CredentialState>() };
    health.set(id, known);
    return known;
  };

  const failed = (id: CredentialId, report: Extract<CredentialReport, { readonly type: 'failed' }>, model: string) => {
    const { kind, retryAfterMs, coolDown, condition, sentAt = now() } = report;
    const ended = condition === undefined ? undefined : endedBy(condition);
    const known = health.get(id);
    if (ended !== undefined) {
      const isNews = known === undefined || !isOutOfUse(known.all);
      healthOf(id).all = ended;
      if (isNews) onEnded(id, ended);
      return;
    }
    if (known !== undefined && isOutOfUse(known.all)) return;
    if (condition?.type === 'refresh') {
      // No strike: a token has its time, and the next one may be good.
      const refreshing = healthOf(id);
      if (refreshing.all.type !== 'unhealthy') {
        const { strikes } = refreshing;
        refreshing.all = { type: 'cooldown', until: now() + REFRESH_REST_MS, cause: kind, strikes };
      }
      onTokenRefused(id, sentAt);
      return;
    }
    const isForModel = coolDown === undefined ? isOfOneModel(kind) : coolDown.scope === 'model';
    const before = isForModel ? known?.models.get(model) : known?.all;
    const strikes = (before !== undefined && 'strikes' in before ? before.strikes : 0) + 1;
    const restMs =
      coolDown === undefined
        ? coolDownMs(kind, strikes, retryAfterMs)
        : Math.min(Math.max(0, coolDown.until - now()), MAX_COOL_DOWN_MS);
    if (restMs === 0) return;
    rest(healthOf(id), { until: now() + restMs, cause: kind, strikes, ...(isForModel ? { model } : {}) });
  };

  const rest = (
    known: Health,
    { model, ...cooldown }: Omit<Extract<CredentialState, { readonly type: 'cooldown' }>, 'type'>,
  ): void => {
    if (model !== undefined) {
      if (known.models.size >= MAX_RESTING_MODELS) known.models.clear();
      known.models.set(model, { type: 'cooldown', ...cooldown, model });
      return;
    }
    known.strikes++;
    const { strikes } = known;
    known.all =
      strikes >= STRIKES_BEFORE_UNHEALTHY
        ? {
            type: 'unhealthy',
            cause: cooldown.cause,
            strikes,
            nextProbeAt:
              now() + Math.min(FIRST_PROBE_MS * 2 ** Math.min(strikes - STRIKES_BEFORE_UNHEALTHY, 8), MAX_PROBE_MS),
          }
        : { type: 'cooldown', ...cooldown, strikes };
  };

  return {
    stateOf,

    isOutOfUse(id) {
      const known = health.size === 0 ? undefined : health.get(id);
      return known !== undefined && isOutOfUse(known.all);
    },

    choose({ providerId, credentials, tried, choice = 'round_robin', model }) {
      const isInOrder = choice === 'round_robin' || choice === 'fill_first';
      const start = choice === 'round_robin' ? (lastIndexes.get(providerId) ?? -1) + 1 : 0;
      const usable: number[] = [];
      let soonest: { readonly index: number; readonly until: EpochMs } | undefined;
      for (let step = 0; step < credentials.length; step++) {
        const index = (start + step) % credentials.length;
        const credential = credentials[index];
        if (credential === undefined || tried.has(credential.id)) continue;
        const state = health.size === 0 ? ACTIVE : stateOf(credential.id, model);
        if (state.type === 'active') {
          usable.push(index);
          if (isInOrder) break;
          continue;
        }
        const until = restsUntil(state);
        if (until === Number.POSITIVE_INFINITY) continue;
        if (state.type === 'unhealthy' && until <= now()) {
          // The probe is this one request: the next may come when it has failed and the time has passed again.
          const known = health.get(credential.id);
          if (known !== undefined) known.all = { ...state, nextProbeAt: now() + FIRST_PROBE_MS };
          lastIndexes.set(providerId, index);
          return credential;
        }
        if (soonest === undefined || until < soonest.until) soonest = { index, until };
      }
      if (usable.length === 0) return soonest === undefined ? undefined : credentials[soonest.index];
      const index = isInOrder
        ? (usable[0] ?? 0)
        : chooseIndex(choice, { all: credentials, usable, usesOf: ({ id }) => uses.get(id) ?? 0, random });
      lastIndexes.set(providerId, index);
      const chosen = credentials[index];
      if (chosen !== undefined && choice === 'least_used') uses.set(chosen.id, (uses.get(chosen.id) ?? 0) + 1);
      return chosen;
    },

    report(id, report, model) {
      if (report.type === 'failed') {
        failed(id, report, model);
        return;
      }
      if (health.size === 0) return;
      const known = health.get(id);
      // An answer that was under way says nothing against its provider's verdict.
      if (known === undefined || isOutOfUse(known.all)) return;
      known.models.delete(model);
      if (known.models.size === 0) health.delete(id);
      else {
        known.strikes = 0;
        known.all = ACTIVE;
      }
    },

    restingModels(id) {
      return [...(health.get(id)?.models ?? [])].flatMap(([model, state]): readonly RestingModel[] => {
        const now = current(state);
        return now.type === 'cooldown' ? [{ model, until: now.until, cause: now.cause }] : [];
      });
    },

    reset(id) {
      health.delete(id);
    },

    retain(ids) {
      for (const id of health.keys()) if (!ids.has(id)) health.delete(id);
      for (const id of uses.keys()) if (!ids.has(id)) uses.delete(id);
    },
  };
}

/** The state that ends a credential's use; `undefined` for what does not. */
function endedBy(verdict: CredentialVerdict): EndedState | undefined {
  switch (verdict.type) {
    case 'active':
    case 'refresh':
      return undefined;
    case 'needs_login':
      return { type: 'needs_login', reason: verdict.reason };
    case 'disabled':
      return { type: 'disabled', by: 'plugin', reason: verdict.reason };
    case 'suspended':
      return verdict;
    default:
      return unreachable(verdict);
  }
}
