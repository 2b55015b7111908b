import { type ClientKeyRecord, type ClientKeyRepository, ConflictError, parseClientKeyId } from '@proxycast/spec';
import type { Kysely } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { ClientKeyTable, DatabaseTables } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { changed, nullable, readJsonObject, readTextList, writeJson } from './stored-value.ts';

export function createClientKeyRepository(db: Kysely<DatabaseTables>): ClientKeyRepository {
  return {
    async insert(record) {
      const row = toRow(record);
      try {
        await writeConfiguration(db, (transaction) => transaction.insertInto('client_keys').values(row).execute());
      } catch (error) {
        if (error instanceof ConstraintError && error.constraint === 'unique') {
          throw new ConflictError({
            code: 'client_key_exists',
            message: `There is a client key with the id ${record.id}, or with the same key, already.`,
          });
        }
        throw error;
      }
    },
    async list() {
      const rows = await db.selectFrom('client_keys').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db.selectFrom('client_keys').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        (transaction) =>
          transaction
            .updateTable('client_keys')
            .set({
              name: changes.name,
              revoked_at: changes.revokedAt,
              expires_at: changes.expiresAt,
              allowed_models: changed(changes.allowedModels, writeJson),
              allowed_providers: changed(changes.allowedProviders, writeJson),
              default_parameters: changed(changes.defaultParameters, writeJson),
              updated_at: now,
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst(),
        (updated) => updated !== undefined,
      );
      return row && toRecord(row);
    },
    delete(id) {
      return writeConfiguration(
        db,
        async (transaction) => {
          const { numDeletedRows } = await transaction
            .deleteFrom('client_keys')
            .where('id', '=', id)
            .executeTakeFirstOrThrow();
          // Nobody else may read them.
          await transaction.deleteFrom('kept_responses').where('client_key_id', '=', id).execute();
          return numDeletedRows > 0n;
        },
        (wasThere) => wasThere,
      );
    },
  };
}

function toRow(record: ClientKeyRecord): ClientKeyTable {
  return {
    id: record.id,
    name: record.name,
    sha256: record.sha256,
    prefix: record.prefix,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    revoked_at: record.revokedAt ?? null,
    expires_at: record.expiresAt ?? null,
    allowed_models: nullable(record.allowedModels, writeJson),
    allowed_providers: nullable(record.allowedProviders, writeJson),
    default_parameters: nullable(record.defaultParameters, writeJson),
  };
}

function toRecord(row: ClientKeyTable): ClientKeyRecord {
  const place = (column: keyof ClientKeyTable) => ({ table: 'client_keys', id: row.id, column });
  return {
    id: parseClientKeyId(row.id),
    name: row.name,
    sha256: row.sha256,
    prefix: row.prefix,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.allowed_models === null
      ? {}
      : { allowedModels: readTextList(row.allowed_models, place('allowed_models')) }),
    ...(row.allowed_providers === null
      ? {}
      : { allowedProviders: readTextList(row.allowed_providers, place('allowed_providers')) }),
    ...(row.default_parameters === null
      ? {}
      : { defaultParameters: readJsonObject(row.default_parameters, place('default_parameters')) }),
  };
}
