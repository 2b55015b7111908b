import {
  type CredentialPool,
  createRefreshCoordinator,
  createRefreshSchedule,
  type RefreshOutcome,
  type RefreshReason,
  type StoredCredential,
} from '@proxycast/credentials';
import type { PluginHost } from '@proxycast/plugin-host';
import { type CredentialId, type EpochMs, type PluginCredentialRecord, unreachable } from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import type { Logger } from 'pino';
import { exchangePluginToken } from './exchange-plugin-token.ts';

export interface PluginRefreshParts {
  readonly storage: Pick<Storage, 'pluginCredentials' | 'sharedState'>;
  readonly open: () => Promise<PluginHost>;
  readonly pool: Pick<CredentialPool, 'reset'>;
  /** Of this process, over all that share the database. */
  readonly owner: string;
  readonly log: Logger;
  readonly now: () => EpochMs;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  /** What is stored of credentials is another now. Settles when requests use it; never rejects. */
  readonly onChanged: () => Promise<void>;
}

/** Renews the logins of plugins: ahead of their end, when a service refuses one, and when a person asks. */
export interface PluginRefresh extends AsyncDisposable {
  refresh(id: CredentialId, reason: RefreshReason): Promise<RefreshOutcome>;
  /** A service refused the token that a request was sent with then. */
  refreshRefused(id: CredentialId, sentAt: EpochMs): void;
  /** Whether what `refreshRefused` began has brought another token; false also when that takes longer than a client should wait. */
  refreshed(id: CredentialId): Promise<boolean>;
  /** Every credential there is; the usable ones are renewed ahead of their end. */
  follow(records: readonly PluginCredentialRecord[]): void;
}

/** For a client that waits for its answer. */
const MAX_REQUEST_WAIT_MS = 15_000;

export function createPluginRefresh(parts: PluginRefreshParts): PluginRefresh {
  const { storage, open, pool, log, now, setTimer, onChanged } = parts;
  const versions = new Map<CredentialId, number>();
  /** From then on requests are sent with another token. */
  const renewedAt = new Map<CredentialId, EpochMs>();
  /** Being renewed because of a refusal: the next one says nothing new. */
  const refused = new Map<CredentialId, Promise<boolean>>();
  const coordinator = createRefreshCoordinator({
    refreshes: storage.sharedState.refreshes,
    read: (id) => storage.pluginCredentials.getWithData(id),
    exchange,
    owner: parts.owner,
    now,
    random: Math.random,
    sleep: (delayMs, signal) =>
      new Promise((resolve) => {
        const cancel = setTimer(settle, delayMs);
        function settle(): void {
          cancel();
          signal?.removeEventListener('abort', settle);
          resolve();
        }
        signal?.addEventListener('abort', settle);
        if (signal?.aborted === true) settle();
      }),
  });

  async function exchange(credential: StoredCredential, reason: RefreshReason) {
    const host = await open();
    const { renderPluginSecret } = await import('@proxycast/plugin-host');
    try {
      const unit = host.get(credential.record.pluginId);
      return await exchangePluginToken(unit, credential, reason, renderPluginSecret);
    } catch (cause) {
      log.error({ err: cause, credential: credential.record.id }, 'renewing a login was cut off');
      throw cause;
    }
  }

  /** Whether there is another token now, and requests use it. */
  async function settled(id: CredentialId, outcome: RefreshOutcome): Promise<boolean> {
    switch (outcome.type) {
      case 'refreshed':
      case 'current':
      case 'adopted':
        await onChanged();
        pool.reset(id);
        renewedAt.set(id, now());
        return true;
      case 'ended':
        log.warn({ credential: id, status: outcome.status.type }, 'a login has ended');
        await onChanged();
        return false;
      case 'postponed':
        if (outcome.message !== undefined) log.warn({ credential: id, until: outcome.until }, outcome.message);
        return false;
      case 'busy':
      case 'gone':
        return false;
      default:
        return unreachable(outcome);
    }
  }

  function failed(id: CredentialId, error: unknown): false {
    log.error({ err: error, credential: id }, 'a login was not renewed');
    return false;
  }

  const schedule = createRefreshSchedule({
    refresh: (request) => coordinator.refresh(request),
    now,
    random: Math.random,
    setTimer,
    onSettled: (id, outcome, error) => void (outcome === undefined ? failed(id, error) : settled(id, outcome)),
  });

  return {
    async refresh(id, reason) {
      const outcome = await coordinator.refresh({ id, reason });
      await settled(id, outcome);
      return outcome;
    },
    refreshRefused(id, sentAt) {
      // It was the token of before, and the answer came late.
      if (sentAt <= (renewedAt.get(id) ?? 0)) {
        pool.reset(id);
        return;
      }
      const seenVersion = versions.get(id);
      if (seenVersion === undefined || refused.has(id)) return;
      const refreshing = coordinator
        .refresh({ id, reason: 'rejected', seenVersion })
        .then(
          (outcome) => settled(id, outcome),
          (error: unknown) => failed(id, error),
        )
        .finally(() => refused.delete(id));
      refused.set(id, refreshing);
    },
    async refreshed(id) {
      const refreshing = refused.get(id);
      // Where none was begun, another token was there already.
      if (refreshing === undefined) return renewedAt.has(id);
      const { promise: late, resolve } = Promise.withResolvers<boolean>();
      const cancel = setTimer(() => resolve(false), MAX_REQUEST_WAIT_MS);
      const isRefreshed = await Promise.race([refreshing, late]);
      cancel();
      return isRefreshed;
    },
    follow(records) {
      versions.clear();
      for (const { id, version } of records) versions.set(id, version);
      for (const id of renewedAt.keys()) if (!versions.has(id)) renewedAt.delete(id);
      schedule.follow(records.filter(({ enabled, status }) => enabled && status.type === 'active'));
    },
    async [Symbol.asyncDispose]() {
      schedule[Symbol.dispose]();
      await coordinator[Symbol.asyncDispose]();
    },
  };
}
