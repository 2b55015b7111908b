import {
  type CredentialPool,
  createRefreshCoordinator,
  createRefreshSchedule,
  type RefreshOutcome,
  type RefreshReason,
  type StoredCredential,
} from '@proxycast/credentials';
import type { PluginHost } from '@proxycast/plugin-host';
import type { CredentialId, EpochMs, PluginCredentialRecord } from '@proxycast/spec';
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
  /** What is stored of credentials is another now. */
  readonly onChanged: () => void;
}

/** Renews the logins of plugins: ahead of their end, when a service refuses one, and when a person asks. */
export interface PluginRefresh extends AsyncDisposable {
  refresh(id: CredentialId, reason: RefreshReason): Promise<RefreshOutcome>;
  /** A service refused its token, which is that of the version followed last. */
  refreshRefused(id: CredentialId): void;
  /** Every credential there is; the usable ones are renewed ahead of their end. */
  follow(records: readonly PluginCredentialRecord[]): void;
}

export function createPluginRefresh(parts: PluginRefreshParts): PluginRefresh {
  const { storage, open, pool, log, now, setTimer, onChanged } = parts;
  const versions = new Map<CredentialId, number>();
  /** Being renewed because of a refusal: the next one says nothing new. */
  const refused = new Set<CredentialId>();
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

  function settled(id: CredentialId, outcome: RefreshOutcome): void {
    switch (outcome.type) {
      case 'refreshed':
      case 'current':
      case 'adopted':
        pool.reset(id);
        onChanged();
        return;
      case 'ended':
        log.warn({ credential: id, status: outcome.status.type }, 'a login has ended');
        onChanged();
        return;
      case 'postponed':
        if (outcome.message !== undefined) log.warn({ credential: id, until: outcome.until }, outcome.message);
        return;
      case 'busy':
      case 'gone':
        return;
    }
  }

  const failed = (id: CredentialId, error: unknown): void =>
    log.error({ err: error, credential: id }, 'a login was not renewed');

  const schedule = createRefreshSchedule({
    refresh: (request) => coordinator.refresh(request),
    now,
    random: Math.random,
    setTimer,
    onSettled: (id, outcome, error) => (outcome === undefined ? failed(id, error) : settled(id, outcome)),
  });

  return {
    async refresh(id, reason) {
      const outcome = await coordinator.refresh({ id, reason });
      settled(id, outcome);
      return outcome;
    },
    refreshRefused(id) {
      const seenVersion = versions.get(id);
      if (seenVersion === undefined || refused.has(id)) return;
      refused.add(id);
      coordinator
        .refresh({ id, reason: 'rejected', seenVersion })
        .then(
          (outcome) => settled(id, outcome),
          (error: unknown) => failed(id, error),
        )
        .finally(() => refused.delete(id));
    },
    follow(records) {
      versions.clear();
      for (const { id, version } of records) versions.set(id, version);
      schedule.follow(records.filter(({ enabled, status }) => enabled && status.type === 'active'));
    },
    async [Symbol.asyncDispose]() {
      schedule[Symbol.dispose]();
      await coordinator[Symbol.asyncDispose]();
    },
  };
}
