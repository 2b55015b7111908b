import {
  ConflictError,
  type CredentialStatus,
  type PluginCredentialRecord,
  type PluginCredentialRepository,
  parseCredentialId,
  type Secret,
} from '@proxycast/spec';
import type { Kysely, Transaction } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { DatabaseTables, PluginCredentialTable } from '../database-tables.ts';
import type { Keyring } from '../secrets/master-key.ts';
import { readCurrentMasterKey } from '../secrets/master-key-check.ts';
import { type OnUnreadableSecret, openReadable } from '../secrets/open-readable.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { deleteRow } from './delete-row.ts';
import { pluginCredentialPlace } from './plugin-credential-place.ts';
import {
  changed,
  nullable,
  readJsonObject,
  readTextRecord,
  type StoredPlace,
  unreadable,
  writeFlag,
  writeJson,
} from './stored-value.ts';

export interface PluginCredentialRepositoryParts {
  readonly db: Kysely<DatabaseTables>;
  readonly keyring: Keyring;
  /** The database, for messages. */
  readonly label: string;
  /** For `listWithData`. */
  readonly onUnreadableSecret?: OnUnreadableSecret;
}

export function createPluginCredentialRepository({
  db,
  keyring,
  label,
  onUnreadableSecret,
}: PluginCredentialRepositoryParts): PluginCredentialRepository {
  const seal = async (transaction: Transaction<DatabaseTables>, id: string, data: Secret): Promise<string> =>
    sealSecret(await readCurrentMasterKey(transaction, keyring, label), pluginCredentialPlace(id), data);
  const openRow = (row: PluginCredentialTable) => ({
    record: toRecord(row),
    data: openSecret(keyring, pluginCredentialPlace(row.id), row.credential_data_encrypted),
  });

  return {
    async insert(record, data) {
      try {
        await writeConfiguration(db, async (transaction) => {
          const row = toRow(record, await seal(transaction, record.id, data));
          await transaction.insertInto('plugin_credentials').values(row).execute();
        });
      } catch (error) {
        throw explainInsert(error, record);
      }
    },
    async list(pluginId) {
      const rows = await db
        .selectFrom('plugin_credentials')
        .selectAll()
        .where('plugin_id', '=', pluginId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db.selectFrom('plugin_credentials').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async getWithData(id) {
      const row = await db.selectFrom('plugin_credentials').selectAll().where('id', '=', id).executeTakeFirst();
      return row && openRow(row);
    },
    async listWithData() {
      const rows = await db.selectFrom('plugin_credentials').selectAll().orderBy('created_at').orderBy('id').execute();
      return openReadable(rows, openRow, onUnreadableSecret);
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        (transaction) =>
          transaction
            .updateTable('plugin_credentials')
            .set({
              name: changes.name,
              enabled: changes.enabled === undefined ? undefined : writeFlag(changes.enabled),
              weight: changes.weight,
              status: changes.status === undefined ? undefined : writeJson(changes.status),
              identity: changed(changes.identity, writeJson),
              stats: changes.stats === undefined ? undefined : writeStats(changes.stats),
              updated_at: now,
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst(),
        (updated) => updated !== undefined,
      );
      return row && toRecord(row);
    },
    delete: (id) => deleteRow(db, 'plugin_credentials', id),
  };
}

function explainInsert(error: unknown, record: PluginCredentialRecord): unknown {
  if (!(error instanceof ConstraintError)) return error;
  if (error.constraint === 'unique') {
    return new ConflictError({
      code: 'credential_exists',
      message: `There is a credential with the id ${record.id} already.`,
      field: 'id',
    });
  }
  if (error.constraint === 'foreign-key') {
    return new ConflictError({
      code: 'plugin_missing',
      message: `The plugin ${record.pluginId} is not installed, or was removed meanwhile. Install it first.`,
    });
  }
  return error;
}

function toRow(record: PluginCredentialRecord, sealed: string): PluginCredentialTable {
  return {
    id: record.id,
    plugin_id: record.pluginId,
    auth_type: record.authType,
    name: record.name ?? null,
    identity: nullable(record.identity, writeJson),
    enabled: writeFlag(record.enabled),
    weight: record.weight ?? null,
    status: writeJson(record.status),
    expires_at: record.expiresAt ?? null,
    version: record.version,
    stats: writeStats(record.stats),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    credential_data_encrypted: sealed,
  };
}

function toRecord(row: PluginCredentialTable): PluginCredentialRecord {
  const place = (column: string): StoredPlace => ({ table: 'plugin_credentials', id: row.id, column });
  return {
    id: parseCredentialId(row.id),
    pluginId: row.plugin_id,
    authType: row.auth_type,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.identity === null ? {} : { identity: readTextRecord(row.identity, place('identity')) }),
    enabled: row.enabled !== 0,
    ...(row.weight === null ? {} : { weight: row.weight }),
    status: readStatus(row.status, place('status')),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    version: row.version,
    stats: readStats(row.stats, place('stats')),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function writeStats({ usageCount, errorCount, lastUsedAt }: PluginCredentialRecord['stats']): string {
  return writeJson({ usage_count: usageCount, error_count: errorCount, last_used_at: lastUsedAt });
}

function readStats(text: string, place: StoredPlace): PluginCredentialRecord['stats'] {
  const { usage_count: usageCount, error_count: errorCount, last_used_at: lastUsedAt } = readJsonObject(text, place);
  if (typeof usageCount !== 'number' || typeof errorCount !== 'number') throw unreadable(place);
  return { usageCount, errorCount, ...(typeof lastUsedAt === 'number' ? { lastUsedAt } : {}) };
}

function readStatus(text: string, place: StoredPlace): CredentialStatus {
  const { type, reason, words, source } = readTextRecord(text, place);
  if (type === 'active') return { type };
  if ((type === 'needs_login' || type === 'disabled') && reason !== undefined) return { type, reason };
  if (type === 'suspended' && words !== undefined) return { type, words, ...(source === undefined ? {} : { source }) };
  throw unreadable(place);
}
