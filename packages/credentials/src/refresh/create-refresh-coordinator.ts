import type { CredentialId, EpochMs, SharedRefreshes } from '@proxycast/spec';
import { unreachable } from '@proxycast/spec';
import { advanceRefresh, type RefreshSurroundings } from './advance-refresh.ts';
import type {
  ExchangeResult,
  FoundToken,
  RefreshEvent,
  RefreshOutcome,
  RefreshReason,
  RefreshRequest,
  RefreshState,
  StoredCredential,
} from './refresh-state.ts';

export interface RefreshCoordinatorParts {
  readonly refreshes: SharedRefreshes;
  readonly read: (id: CredentialId) => Promise<StoredCredential | undefined>;
  /**
   * Spends the token, once, and settles within `leaseMs`. What rejects counts as cut off: where it is known that nothing was
   * sent, it has to answer `failed`.
   */
  readonly exchange: (credential: StoredCredential, reason: RefreshReason) => Promise<ExchangeResult>;
  /** What somebody else keeps of the same login, such as the official client on the disk. */
  readonly findElsewhere?: (credential: StoredCredential) => Promise<FoundToken | undefined>;
  /** Of this process, for whoever looks at the rows. */
  readonly owner: string;
  readonly now: () => EpochMs;
  readonly random: () => number;
  /** Settles after that time, or as soon as the signal aborts. */
  readonly sleep: (delayMs: number, signal?: AbortSignal) => Promise<void>;
  /** How long a row is held without a sign of life; longer than an exchange takes. */
  readonly leaseMs?: number;
  /** How long a caller waits for another process. */
  readonly waitMs?: number;
}

export interface RefreshCoordinator extends AsyncDisposable {
  /**
   * Renews a credential unless a newer one is there. Whoever asks while a refresh is under way, here or in another process, gets what
   * comes of that one. Rejects with a StorageError.
   */
  refresh(request: RefreshRequest): Promise<RefreshOutcome>;
  /** Takes over a token that somebody else got, where it is newer than what is stored. */
  adopt(id: CredentialId, found: FoundToken): Promise<'adopted' | 'older' | 'gone'>;
  /** Waits for what is under way, so that no token is lost between its exchange and its saving. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** An exchange has a minute (`credential.refresh` of the plugins' contract), and its saving some seconds. */
const LEASE_MS = 90_000;
const WAIT_MS = 100_000;
const FIRST_POLL_MS = 25;
const MAX_POLL_MS = 400;
/** 0.1, 0.2, 0.4 … 5 seconds: some twenty in all. */
const MAX_WRITES = 9;
const MAX_ADOPTIONS = 5;

export function createRefreshCoordinator(parts: RefreshCoordinatorParts): RefreshCoordinator {
  const { refreshes, read, exchange, findElsewhere, owner, now, random, sleep } = parts;
  const { leaseMs = LEASE_MS, waitMs = WAIT_MS } = parts;
  const closing = new AbortController();
  const flights = new Map<CredentialId, Promise<RefreshOutcome>>();
  /** Of failures of this process; the shared row has them too. */
  const rests = new Map<CredentialId, EpochMs>();

  async function fly(request: RefreshRequest): Promise<RefreshOutcome> {
    const { id, reason, seenVersion } = request;
    const waitsUntil = now() + waitMs;
    const around: RefreshSurroundings = { reason, now, random, restsUntil: rests.get(id) ?? 0 };
    let state: RefreshState = {
      type: 'looking',
      polls: 0,
      ...(seenVersion === undefined ? {} : { seen: seenVersion }),
    };
    while (state.type !== 'done') state = advanceRefresh(state, await attempt(state, request, waitsUntil), around);
    const { outcome } = state;
    if (outcome.type === 'postponed') rests.set(id, outcome.until);
    else rests.delete(id);
    return outcome;
  }

  /** The step; where it fails without consequence, the row is let go. */
  async function attempt(state: RefreshState, request: RefreshRequest, waitsUntil: EpochMs): Promise<RefreshEvent> {
    try {
      return await perform(state, request, waitsUntil);
    } catch (error) {
      if (state.type === 'marking' || ('tries' in state && state.tries + 1 < MAX_WRITES)) return { type: 'broken' };
      if ('lease' in state && state.type !== 'releasing') await refreshes.release(state.lease).catch(() => {});
      throw error;
    }
  }

  async function perform(
    state: RefreshState,
    { id, reason }: RefreshRequest,
    waitsUntil: EpochMs,
  ): Promise<RefreshEvent> {
    if ('tries' in state && state.tries > 0) await sleep(Math.min(100 * 2 ** (state.tries - 1), 5_000));
    switch (state.type) {
      case 'looking':
      case 'reading': {
        const credential = await read(id);
        return credential === undefined ? { type: 'gone' } : { type: 'found', credential };
      }
      case 'taking':
        return await refreshes.take(id, { owner, until: now() + leaseMs, ignoresRest: reason === 'person' }, now());
      case 'waiting': {
        if (now() >= waitsUntil || closing.signal.aborted) return { type: 'tired' };
        const usualMs = Math.min(FIRST_POLL_MS * 2 ** Math.min(state.polls, 8), MAX_POLL_MS);
        await sleep(usualMs * (0.75 + random() / 2), closing.signal);
        return { type: 'woke' };
      }
      case 'marking': {
        const isMarked = await refreshes.startAttempt(
          state.lease,
          state.credential.record.version,
          now() + leaseMs,
          now(),
        );
        return { type: isMarked ? 'marked' : 'outrun' };
      }
      case 'exchanging':
        return await exchange(state.credential, reason).catch((): RefreshEvent => ({ type: 'unknown' }));
      case 'saving': {
        const renewed = { fromVersion: state.credential.record.version, ...state.renewed };
        return { type: (await refreshes.save(state.lease, renewed, now())) ? 'saved' : 'outrun' };
      }
      case 'postponing':
        return { type: (await refreshes.postpone(state.lease, state.failure)) ? 'postponed' : 'outrun' };
      case 'searching': {
        // What cannot be searched has nothing.
        const found = await findElsewhere?.(state.credential).catch(() => undefined);
        return found !== undefined && isAnother(found, state.credential)
          ? { type: 'elsewhere', found }
          : { type: 'nothing' };
      }
      case 'adopting': {
        const found = { fromVersion: state.credential.record.version, ...state.found };
        return { type: (await refreshes.adopt(id, found, now())) ? 'adopted' : 'outrun' };
      }
      case 'ending': {
        const isEnded = await refreshes.end(state.lease, state.credential.record.version, state.ending, now());
        return { type: isEnded ? 'ended' : 'outrun' };
      }
      case 'releasing':
        await refreshes.release(state.lease);
        return { type: 'released' };
      case 'done':
        throw new TypeError('A refresh that is done has no step.');
      default:
        return unreachable(state);
    }
  }

  function startFlight(request: RefreshRequest): Promise<RefreshOutcome> {
    const flight = fly(request).finally(() => flights.delete(request.id));
    flights.set(request.id, flight);
    return flight;
  }

  return {
    async refresh(request) {
      if (closing.signal.aborted) return { type: 'busy' };
      const underWay = flights.get(request.id);
      if (underWay === undefined) return await startFlight(request);
      const outcome = await underWay;
      // It had begun before this caller's token was refused: what it brought is that token.
      const isOld = 'version' in outcome && request.seenVersion !== undefined && outcome.version <= request.seenVersion;
      // A rest is for whoever asks by itself.
      const isRest = request.reason === 'person' && outcome.type === 'postponed' && outcome.message === undefined;
      return isOld || isRest ? await (flights.get(request.id) ?? startFlight(request)) : outcome;
    },

    async adopt(id, found) {
      for (let tries = 0; tries < MAX_ADOPTIONS; tries++) {
        const credential = await read(id);
        if (credential === undefined) return 'gone';
        if (!isNewer(found, credential)) return 'older';
        if (await refreshes.adopt(id, { fromVersion: credential.record.version, ...found }, now())) {
          rests.delete(id);
          return 'adopted';
        }
      }
      return 'older';
    },

    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.allSettled(flights.values());
    },
  };
}

/** For a token that is of no use any more: another one, unless it is known to be older. */
function isAnother({ data, expiresAt }: FoundToken, stored: StoredCredential): boolean {
  if (data.reveal() === stored.data.reveal()) return false;
  return expiresAt === undefined || stored.record.expiresAt === undefined || expiresAt > stored.record.expiresAt;
}

/** For a token that may be good: where nothing says which is newer, the one that is in use stays. */
function isNewer(found: FoundToken, stored: StoredCredential): boolean {
  if (stored.record.status.type !== 'active') return isAnother(found, stored);
  const { expiresAt } = found;
  return (
    found.data.reveal() !== stored.data.reveal() &&
    expiresAt !== undefined &&
    stored.record.expiresAt !== undefined &&
    expiresAt > stored.record.expiresAt
  );
}
