import { ConflictError, type ProviderRecord, type ProviderRepository, parseProviderId } from '@proxycast/spec';
import type { Kysely } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { DatabaseTables, ProviderTable } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { changed, nullable, readTextList, writeFlag, writeJson } from './stored-value.ts';

/** PostgreSQL takes 65,535 parameters in a statement; this many rows of 15 columns stay far below. */
const SEED_ROWS_PER_STATEMENT = 200;

export function createProviderRepository(db: Kysely<DatabaseTables>): ProviderRepository {
  return {
    async insert(record) {
      const row = toRow(record);
      try {
        await writeConfiguration(db, (transaction) =>
          transaction.insertInto('api_key_providers').values(row).execute(),
        );
      } catch (error) {
        if (error instanceof ConstraintError && error.constraint === 'unique') {
          throw new ConflictError({
            code: 'provider_exists',
            message: `There is a provider with the id ${record.id} already.`,
            field: 'id',
          });
        }
        throw error;
      }
    },
    async seed(records) {
      const rows = await db.selectFrom('api_key_providers').select('id').execute();
      const known = new Set(rows.map((row) => row.id));
      const missing = records.filter((record) => !known.has(record.id)).map(toRow);
      if (missing.length === 0) return 0;
      return writeConfiguration(
        db,
        async (transaction) => {
          let added = 0;
          for (let start = 0; start < missing.length; start += SEED_ROWS_PER_STATEMENT) {
            const { numInsertedOrUpdatedRows } = await transaction
              .insertInto('api_key_providers')
              .values(missing.slice(start, start + SEED_ROWS_PER_STATEMENT))
              .onConflict((conflict) => conflict.column('id').doNothing())
              .executeTakeFirstOrThrow();
            added += Number(numInsertedOrUpdatedRows ?? 0n);
          }
          return added;
        },
        (added) => added > 0,
      );
    },
    async list() {
      const rows = await db.selectFrom('api_key_providers').selectAll().orderBy('sort_order').orderBy('id').execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db.selectFrom('api_key_providers').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        (transaction) =>
          transaction
            .updateTable('api_key_providers')
            .set({
              name: changes.name,
              type: changes.type,
              api_host: changes.apiHost,
              group_name: changes.groupName,
              enabled: changes.enabled === undefined ? undefined : writeFlag(changes.enabled),
              sort_order: changes.sortOrder,
              api_version: changes.apiVersion,
              project: changes.project,
              location: changes.location,
              region: changes.region,
              models: changed(changes.models, writeJson),
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
            .deleteFrom('api_key_providers')
            .where('id', '=', id)
            .executeTakeFirstOrThrow();
          return numDeletedRows > 0n;
        },
        (wasThere) => wasThere,
      );
    },
  };
}

function toRow(record: ProviderRecord): ProviderTable {
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    api_host: record.apiHost,
    is_system: writeFlag(record.isSystem),
    group_name: record.groupName,
    enabled: writeFlag(record.enabled),
    sort_order: record.sortOrder,
    api_version: record.apiVersion ?? null,
    project: record.project ?? null,
    location: record.location ?? null,
    region: record.region ?? null,
    models: nullable(record.models, writeJson),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toRecord(row: ProviderTable): ProviderRecord {
  return {
    id: parseProviderId(row.id),
    name: row.name,
    type: row.type,
    apiHost: row.api_host,
    isSystem: row.is_system !== 0,
    groupName: row.group_name,
    enabled: row.enabled !== 0,
    sortOrder: row.sort_order,
    ...(row.api_version === null ? {} : { apiVersion: row.api_version }),
    ...(row.project === null ? {} : { project: row.project }),
    ...(row.location === null ? {} : { location: row.location }),
    ...(row.region === null ? {} : { region: row.region }),
    ...(row.models === null
      ? {}
      : { models: readTextList(row.models, { table: 'api_key_providers', id: row.id, column: 'models' }) }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
