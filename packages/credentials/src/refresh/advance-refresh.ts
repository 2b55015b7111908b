import type { EpochMs } from '@proxycast/spec';
import { unreachable } from '@proxycast/spec';
import type {
  EndedStatus,
  RefreshEvent,
  RefreshOutcome,
  RefreshReason,
  RefreshState,
  StoredCredential,
} from './refresh-state.ts';
import { refreshRestMs } from './refresh-timing.ts';

/** What a transition may look at beside its state and its event. */
export interface RefreshSurroundings {
  readonly reason: RefreshReason;
  readonly now: () => EpochMs;
  readonly random: () => number;
  /** As this process remembers it; 0 for none. */
  readonly restsUntil: EpochMs;
}

/** A mark of this version was found, and nobody has said what came of it. */
export const INTERRUPTED: EndedStatus = {
  type: 'needs_login',
  reason:
    'Renewing this login was cut off between the service’s answer and its saving, so the token that is stored may be spent. It is not tried again: log in anew.',
};

const UNWRITTEN = 'The database did not take the mark of the attempt, so nothing was sent.';

/**
 * The next state of a refresh: pure, and the whole order of its steps. Throws for an event that its state cannot have.
 * `advance-refresh.test.ts` has it as a table.
 */
export function advanceRefresh(state: RefreshState, event: RefreshEvent, around: RefreshSurroundings): RefreshState {
  switch (state.type) {
    case 'looking': {
      const { seen, polls } = state;
      if (event.type === 'gone') return done({ type: 'gone' });
      if (event.type !== 'found') break;
      const { credential } = event;
      const { version, status } = credential.record;
      if (seen !== undefined && version > seen) return done(currentOf(credential));
      if (around.reason !== 'person') {
        if (status.type !== 'active') return done({ type: 'ended', status });
        if (around.restsUntil > around.now()) return done({ type: 'postponed', until: around.restsUntil });
      }
      return { type: 'taking', seen: seen ?? version, polls };
    }
    case 'taking': {
      const { seen, polls } = state;
      if (event.type === 'taken') return { type: 'reading', lease: event.lease, seen };
      if (event.type === 'held') return { type: 'waiting', seen, polls };
      if (event.type === 'resting') return done({ type: 'postponed', until: event.until });
      if (event.type === 'gone') return done({ type: 'gone' });
      break;
    }
    case 'waiting':
      if (event.type === 'woke') return { type: 'looking', seen: state.seen, polls: state.polls + 1 };
      if (event.type === 'tired') return done({ type: 'busy' });
      break;
    case 'reading': {
      const { lease, seen } = state;
      if (event.type === 'gone') return { type: 'releasing', lease, next: done({ type: 'gone' }) };
      if (event.type !== 'found') break;
      const { credential } = event;
      const { version, status } = credential.record;
      if (version > seen) return { type: 'releasing', lease, next: done(currentOf(credential)) };
      // Somebody has exchanged this very token, or was about to. Once is all a token is worth.
      if (lease.attempt?.version === version) {
        const ending = status.type === 'active' ? INTERRUPTED : status;
        return { type: 'searching', lease, seen, credential, ending };
      }
      return { type: 'marking', lease, seen, credential };
    }
    case 'marking':
      if (event.type === 'marked') return { ...state, type: 'exchanging' };
      if (event.type === 'outrun') return lookAgain(state);
      // Whether the mark was written is not known, but nothing was exchanged: it is taken back.
      if (event.type === 'broken') {
        return {
          ...state,
          type: 'postponing',
          failure: failureOf(state.lease.failures, undefined, UNWRITTEN, around),
          tries: 0,
        };
      }
      break;
    case 'exchanging': {
      const { lease, seen, credential } = state;
      switch (event.type) {
        case 'renewed': {
          const { type: _, ...renewed } = event;
          return { type: 'saving', lease, seen, credential, renewed, tries: 0 };
        }
        case 'failed': {
          const failure = failureOf(lease.failures, event.retryAfterMs, event.message, around);
          return { type: 'postponing', lease, seen, credential, failure, tries: 0 };
        }
        case 'refused':
          return { type: 'searching', lease, seen, credential, ending: event.status };
        case 'unknown':
          return { type: 'searching', lease, seen, credential, ending: INTERRUPTED };
        default:
          break;
      }
      break;
    }
    case 'saving':
      if (event.type === 'saved') {
        const { credential, renewed } = state;
        return done({ type: 'refreshed', version: credential.record.version + 1, ...endOf(renewed.expiresAt) });
      }
      if (event.type === 'outrun') return lookAgain(state);
      if (event.type === 'broken') return { ...state, tries: state.tries + 1 };
      break;
    case 'postponing': {
      const { until, message } = state.failure;
      if (event.type === 'postponed' || event.type === 'outrun') return done({ type: 'postponed', until, message });
      if (event.type === 'broken') return { ...state, tries: state.tries + 1 };
      break;
    }
    case 'searching': {
      const { lease, seen, credential, ending } = state;
      if (event.type === 'elsewhere') return { type: 'adopting', lease, seen, credential, found: event.found };
      if (event.type === 'nothing') return { type: 'ending', lease, seen, credential, ending, tries: 0 };
      break;
    }
    case 'adopting': {
      const { lease, credential, found } = state;
      const version = credential.record.version + 1;
      if (event.type === 'adopted') {
        return { type: 'releasing', lease, next: done({ type: 'adopted', version, ...endOf(found.expiresAt) }) };
      }
      if (event.type === 'outrun') return lookAgain(state);
      break;
    }
    case 'ending':
      if (event.type === 'ended') return done({ type: 'ended', status: state.ending });
      // A refusal of an older token says nothing of the newer one that is stored.
      if (event.type === 'outrun') return lookAgain(state);
      if (event.type === 'broken') return { ...state, tries: state.tries + 1 };
      break;
    case 'releasing':
      if (event.type === 'released') return state.next;
      break;
    case 'done':
      break;
    default:
      return unreachable(state);
  }
  throw new TypeError(`A refresh that is ${state.type} cannot have the event ${event.type}.`);
}

const done = (outcome: RefreshOutcome): RefreshState => ({ type: 'done', outcome });

/** What is stored now decides, after a pause. */
function lookAgain({
  lease,
  seen,
}: Extract<RefreshState, { readonly type: 'marking' | 'saving' | 'adopting' | 'ending' }>): RefreshState {
  return { type: 'releasing', lease, next: { type: 'waiting', seen, polls: 0 } };
}

function currentOf({ record }: StoredCredential): RefreshOutcome {
  if (record.status.type !== 'active') return { type: 'ended', status: record.status };
  return { type: 'current', version: record.version, ...endOf(record.expiresAt) };
}

const endOf = (expiresAt: EpochMs | undefined) => (expiresAt === undefined ? {} : { expiresAt });

function failureOf(
  before: number,
  askedMs: number | undefined,
  message: string,
  { now, random }: Pick<RefreshSurroundings, 'now' | 'random'>,
) {
  const failures = before + 1;
  return { failures, until: now() + refreshRestMs(failures, askedMs, random), message };
}
