import {
  type ApiKeyRecord,
  type ApiKeyRepository,
  type Changes,
  type ClientKeyRecord,
  type ClientKeyRepository,
  ConflictError,
  type LedgerEntry,
  type LedgerRepository,
  type ProviderRecord,
  type ProviderRepository,
  type RouteRecord,
  type RouteRepository,
  type Secret,
  type SettingsRepository,
} from '@proxycast/spec';

type Applied<Row> = Partial<Changes<Row>>;

/** The row with changes put in: a `null` removes, `undefined` leaves. */
function applyChanges<Row extends { readonly updatedAt: number }>(row: Row, changes: Applied<Row>, now: number): Row {
  const next: Row = { ...row, updatedAt: now };
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) Reflect.deleteProperty(next, key);
    else if (value !== undefined) Reflect.set(next, key, value);
  }
  return next;
}

function bySortOrder<Row extends { readonly sortOrder: number; readonly id: string }>(
  rows: Iterable<Row>,
): readonly Row[] {
  return [...rows].sort((left, right) => left.sortOrder - right.sortOrder || left.id.localeCompare(right.id));
}

export function createFakeClientKeys(): ClientKeyRepository {
  const rows = new Map<string, ClientKeyRecord>();
  return {
    async insert(record) {
      rows.set(record.id, record);
    },
    async list() {
      return [...rows.values()];
    },
    async get(id) {
      return rows.get(id);
    },
    async update(id, changes, now) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const next = applyChanges(row, changes, now);
      rows.set(id, next);
      return next;
    },
    async delete(id) {
      return rows.delete(id);
    },
  };
}

export function createFakeProviders(): ProviderRepository {
  const rows = new Map<string, ProviderRecord>();
  return {
    async insert(record) {
      if (rows.has(record.id)) throw new ConflictError({ code: 'taken', message: 'Taken.' });
      rows.set(record.id, record);
    },
    async seed(records) {
      const missing = records.filter(({ id }) => !rows.has(id));
      for (const record of missing) rows.set(record.id, record);
      return { added: missing.length, moved: 0 };
    },
    async list() {
      return bySortOrder(rows.values());
    },
    async get(id) {
      return rows.get(id);
    },
    async update(id, changes, now) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const next = applyChanges(row, changes, now);
      rows.set(id, next);
      return next;
    },
    async delete(id) {
      return rows.delete(id);
    },
  };
}

export interface FakeApiKeys extends ApiKeyRepository {
  readonly secrets: ReadonlyMap<string, Secret>;
}

export function createFakeApiKeys(): FakeApiKeys {
  const rows = new Map<string, ApiKeyRecord>();
  const secrets = new Map<string, Secret>();
  return {
    secrets,
    async insert(record, secret) {
      rows.set(record.id, record);
      secrets.set(record.id, secret);
    },
    async list(providerId) {
      return [...rows.values()].filter((row) => row.providerId === providerId);
    },
    async get(id) {
      return rows.get(id);
    },
    async listWithSecrets() {
      return [...rows.values()].flatMap((record) => {
        const secret = secrets.get(record.id);
        return secret === undefined ? [] : [{ record, secret }];
      });
    },
    async secretsOf(providerId) {
      return [...rows.values()].flatMap((record) => {
        const secret = secrets.get(record.id);
        if (record.providerId !== providerId) return [];
        return [secret === undefined ? { record } : { record, secret }];
      });
    },
    async update(id, { secret, ...changes }, now) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      if (secret !== undefined) secrets.set(id, secret);
      const next = applyChanges(row, changes, now);
      rows.set(id, next);
      return next;
    },
    async delete(id) {
      secrets.delete(id);
      return rows.delete(id);
    },
    async addCounts() {},
  };
}

export function createFakeRoutes(): RouteRepository {
  const rows = new Map<string, RouteRecord>();
  return {
    async insert(record) {
      rows.set(record.id, record);
    },
    async list() {
      return bySortOrder(rows.values());
    },
    async get(id) {
      return rows.get(id);
    },
    async update(id, changes, now) {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const next = applyChanges(row, changes, now);
      rows.set(id, next);
      return next;
    },
    async delete(id) {
      return rows.delete(id);
    },
  };
}

export function createFakeSettings(): SettingsRepository {
  const values = new Map<string, unknown>();
  return {
    async all() {
      return Object.fromEntries(values);
    },
    async set(changes) {
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined) values.delete(key);
        else values.set(key, value);
      }
    },
  };
}

export function createFakeLedger(): LedgerRepository {
  const entries: LedgerEntry[] = [];
  return {
    async append(added) {
      entries.push(...added);
    },
    async list(filter, { limit, cursor }) {
      const matching = entries
        .filter(
          (entry) =>
            (filter.requestId ?? entry.requestId) === entry.requestId &&
            (filter.clientKeyId ?? entry.clientKeyId) === entry.clientKeyId &&
            (filter.providerId ?? entry.providerId) === entry.providerId &&
            (filter.since ?? 0) <= entry.startedAt &&
            entry.startedAt < (filter.until ?? Number.POSITIVE_INFINITY),
        )
        .sort((left, right) => right.id.localeCompare(left.id))
        .filter((entry) => cursor === undefined || entry.id < cursor);
      const items = matching.slice(0, limit);
      const last = items.at(-1);
      return matching.length > limit && last !== undefined ? { items, nextCursor: last.id } : { items };
    },
  };
}
