import type { CredentialId, CredentialStatus, RefreshAttempt, SharedRefreshes } from '@proxycast/spec';
import { type PluginCredentialRecord, parseCredentialId, Secret } from '@proxycast/spec';
import type { StoredCredential } from '../refresh/refresh-state.ts';

interface Row {
  owner: string | undefined;
  fence: number;
  expiresAt: number;
  attempt: RefreshAttempt | undefined;
  failures: number;
  notBefore: number;
}

/** Credentials and leases in memory, with the rules of `SharedRefreshes` that storage keeps in its rows. */
export function createMemoryRefreshes(now: () => number) {
  const credentials = new Map<CredentialId, StoredCredential>();
  const rows = new Map<CredentialId, Row>();
  const change = (
    id: CredentialId,
    version: number,
    changes: Partial<PluginCredentialRecord>,
    data?: Secret,
  ): boolean => {
    const stored = credentials.get(id);
    if (stored?.record.version !== version) return false;
    credentials.set(id, { record: { ...stored.record, ...changes, updatedAt: now() }, data: data ?? stored.data });
    return true;
  };
  const letGo = (row: Row): void => {
    row.owner = undefined;
    row.expiresAt = 0;
  };
  const refreshes: SharedRefreshes = {
    async take(id, { owner, until, ignoresRest }, at) {
      if (!credentials.has(id)) return { type: 'gone' };
      const row = rows.get(id) ?? {
        owner: undefined,
        fence: 0,
        expiresAt: 0,
        attempt: undefined,
        failures: 0,
        notBefore: 0,
      };
      rows.set(id, row);
      if (row.owner !== undefined && row.expiresAt > at) return { type: 'held' };
      if (row.notBefore > at && !ignoresRest) return { type: 'resting', until: row.notBefore };
      row.owner = owner;
      row.fence++;
      row.expiresAt = until;
      const { fence, failures, attempt } = row;
      return { type: 'taken', lease: { id, fence, failures, ...(attempt === undefined ? {} : { attempt }) } };
    },
    async startAttempt({ id, fence }, version, until, at) {
      const row = rows.get(id);
      if (row?.fence !== fence || row.attempt?.version === version) return false;
      if (credentials.get(id)?.record.version !== version) return false;
      row.attempt = { fence, version, at };
      row.expiresAt = until;
      return true;
    },
    async save({ id, fence }, { fromVersion, data, expiresAt }) {
      const row = rows.get(id);
      if (row?.attempt?.fence !== fence || row.attempt.version !== fromVersion) return false;
      const ended = expiresAt === undefined ? {} : { expiresAt };
      if (!change(id, fromVersion, { version: fromVersion + 1, status: { type: 'active' }, ...ended }, data))
        return false;
      letGo(row);
      row.attempt = undefined;
      row.failures = 0;
      row.notBefore = 0;
      return true;
    },
    async postpone({ id, fence }, { failures, until }) {
      const row = rows.get(id);
      if (row === undefined || (row.attempt?.fence !== fence && row.fence !== fence)) return false;
      letGo(row);
      row.attempt = undefined;
      row.failures = failures;
      row.notBefore = until;
      return true;
    },
    async end({ id, fence }, version, status) {
      const row = rows.get(id);
      if (row?.fence !== fence || !change(id, version, { status })) return false;
      letGo(row);
      return true;
    },
    async release({ id, fence }) {
      const row = rows.get(id);
      if (row?.fence === fence) letGo(row);
    },
    async adopt(id, { fromVersion, data, expiresAt }) {
      const ended = expiresAt === undefined ? {} : { expiresAt };
      return change(id, fromVersion, { version: fromVersion + 1, status: { type: 'active' }, ...ended }, data);
    },
  };
  return {
    refreshes,
    read: async (id: CredentialId) => credentials.get(id),
    insert(name: string, token: string, changes: Partial<PluginCredentialRecord> = {}): CredentialId {
      const id = parseCredentialId(name);
      const record: PluginCredentialRecord = {
        id,
        pluginId: 'one',
        authType: 'oauth',
        enabled: true,
        status: { type: 'active' },
        version: 1,
        stats: { usageCount: 0, errorCount: 0 },
        createdAt: now(),
        updatedAt: now(),
        ...changes,
      };
      credentials.set(id, { record, data: new Secret(token) });
      return id;
    },
    remove: (id: CredentialId) => credentials.delete(id),
    setStatus: (id: CredentialId, version: number, status: CredentialStatus) => change(id, version, { status }),
    holderOf: (id: CredentialId) => rows.get(id)?.owner,
    markOf: (id: CredentialId) => rows.get(id)?.attempt?.version,
  };
}
