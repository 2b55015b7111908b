import {
  type ApiKeyRecord,
  type ApiKeyRepository,
  ConflictError,
  parseCredentialId,
  parseProviderId,
  type Secret,
  StorageError,
} from '@proxycast/spec';
import { type Kysely, sql, type Transaction } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { ApiKeyTable, DatabaseTables } from '../database-tables.ts';
import type { Keyring } from '../secrets/master-key.ts';
import { readCurrentMasterKey } from '../secrets/master-key-check.ts';
import { type OnUnreadableSecret, openReadable } from '../secrets/open-readable.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { apiKeySecretPlace } from './api-key-secret-place.ts';
import { deleteRow } from './delete-row.ts';
import { writeFlag } from './stored-value.ts';

export interface ApiKeyRepositoryParts {
  readonly db: Kysely<DatabaseTables>;
  readonly keyring: Keyring;
  /** The database, for messages. */
  readonly label: string;
  /** For `listWithSecrets`. */
  readonly onUnreadableSecret?: OnUnreadableSecret;
}

export function createApiKeyRepository({
  db,
  keyring,
  label,
  onUnreadableSecret,
}: ApiKeyRepositoryParts): ApiKeyRepository {
  const seal = async (transaction: Transaction<DatabaseTables>, id: string, secret: Secret): Promise<string> =>
    sealSecret(await readCurrentMasterKey(transaction, keyring, label), apiKeySecretPlace(id), secret);
  const openRow = (row: ApiKeyTable) => ({
    record: toRecord(row),
    secret: openSecret(keyring, apiKeySecretPlace(row.id), row.api_key_encrypted),
  });

  return {
    async insert(record, secret) {
      try {
        await writeConfiguration(db, async (transaction) => {
          const row = toRow(record, await seal(transaction, record.id, secret));
          await transaction.insertInto('api_keys').values(row).execute();
        });
      } catch (error) {
        throw explainInsert(error, record);
      }
    },
    async list(providerId) {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('provider_id', '=', providerId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async listWithSecrets() {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('enabled', '=', 1)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return openReadable(rows, openRow, onUnreadableSecret);
    },
    async secretsOf(providerId) {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('provider_id', '=', providerId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map((row) => {
        try {
          return openRow(row);
        } catch (error) {
          if (!(error instanceof StorageError)) throw error;
          return { record: toRecord(row) };
        }
      });
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        async (transaction) =>
          transaction
            .updateTable('api_keys')
            .set({
              name: changes.name,
              enabled: changes.enabled === undefined ? undefined : writeFlag(changes.enabled),
              hint: changes.hint,
              weight: changes.weight,
              api_key_encrypted: changes.secret === undefined ? undefined : await seal(transaction, id, changes.secret),
              updated_at: now,
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst(),
        (updated) => updated !== undefined,
      );
      return row && toRecord(row);
    },
    delete: (id) => deleteRow(db, 'api_keys', id),
    async addCounts(counts) {
      if (counts.length === 0) return;
      // Counters are no configuration. In the order of ids, so that two nodes never wait for each other in a circle.
      const ordered = [...counts].sort((a, b) => (a.id < b.id ? -1 : 1));
      await db.transaction().execute(async (transaction) => {
        for (const { id, used, errors, lastUsedAt } of ordered) {
          await transaction
            .updateTable('api_keys')
            .set({
              usage_count: sql<number>`usage_count + ${used}`,
              error_count: sql<number>`error_count + ${errors}`,
              last_used_at: sql<number>`case when last_used_at > ${lastUsedAt} then last_used_at else ${lastUsedAt} end`,
            })
            .where('id', '=', id)
            .execute();
        }
      });
    },
  };
}

function explainInsert(error: unknown, record: ApiKeyRecord): unknown {
  if (!(error instanceof ConstraintError)) return error;
  if (error.constraint === 'unique') {
    return new ConflictError({
      code: 'api_key_exists',
      message: `There is an API key with the id ${record.id} already.`,
      field: 'id',
    });
  }
  if (error.constraint === 'foreign-key') {
    return new ConflictError({
      code: 'provider_missing',
      message: `The provider ${record.providerId} does not exist, or was deleted meanwhile. Add it first.`,
      field: 'provider_id',
    });
  }
  return error;
}

function toRow(record: ApiKeyRecord, sealed: string): ApiKeyTable {
  return {
    id: record.id,
    provider_id: record.providerId,
    api_key_encrypted: sealed,
    name: record.name ?? null,
    hint: record.hint,
    enabled: writeFlag(record.enabled),
    weight: record.weight ?? null,
    usage_count: record.usageCount,
    error_count: record.errorCount,
    last_used_at: record.lastUsedAt ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toRecord(row: ApiKeyTable): ApiKeyRecord {
  return {
    id: parseCredentialId(row.id),
    providerId: parseProviderId(row.provider_id),
    ...(row.name === null ? {} : { name: row.name }),
    hint: row.hint,
    enabled: row.enabled !== 0,
    ...(row.weight === null ? {} : { weight: row.weight }),
    usageCount: row.usage_count,
    errorCount: row.error_count,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
