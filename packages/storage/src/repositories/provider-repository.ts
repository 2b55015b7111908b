import {
  ConflictError,
  CREDENTIAL_CHOICES,
  type ProviderRecord,
  type ProviderRepository,
  parseProviderId,
} from '@proxycast/spec';
import type { Kysely, Transaction } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { DatabaseTables, ProviderTable } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { changed, nullable, readMember, readTextList, readTextRecord, writeFlag, writeJson } from './stored-value.ts';

/** PostgreSQL takes 65,535 parameters in a statement; this many rows of 20 columns stay far below. */
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
      const rows = await db.selectFrom('api_key_providers').select(['id', 'is_system', 'preset_host']).execute();
      const known = new Map(rows.map((row) => [row.id, row]));
      const missing = records.filter((record) => !known.has(record.id)).map(toRow);
      const hosts = records.flatMap(({ id, presetHost }) => {
        const row = known.get(id);
        const isBehind = row !== undefined && row.is_system !== 0 && row.preset_host !== presetHost;
        return presetHost !== undefined && isBehind ? [{ id, presetHost }] : [];
      });
      if (missing.length + hosts.length === 0) return { added: 0, moved: 0 };
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
          let moved = 0;
          for (const { id, presetHost } of hosts) moved += await followPreset(transaction, id, presetHost);
          return { added, moved };
        },
        ({ added }) => added > 0 || hosts.length > 0,
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
              auth_header: changes.authHeader,
              auth_prefix: changes.authPrefix,
              extra_headers: changed(changes.extraHeaders, writeJson),
              key_choice: changes.keyChoice,
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

/**
 * Notes the preset's host, and gives it to the row as long as that still has the one before. `updated_at` stays: it says
 * when a person last changed the row. Answers how many rows moved.
 */
async function followPreset(transaction: Transaction<DatabaseTables>, id: string, host: string): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('api_key_providers')
    .set({ api_host: host })
    .where('id', '=', id)
    .where('is_system', '=', 1)
    .where('api_host', '<>', host)
    .whereRef('api_host', '=', 'preset_host')
    .executeTakeFirstOrThrow();
  await transaction.updateTable('api_key_providers').set({ preset_host: host }).where('id', '=', id).execute();
  return Number(numUpdatedRows);
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
    auth_header: record.authHeader ?? null,
    auth_prefix: record.authPrefix ?? null,
    extra_headers: nullable(record.extraHeaders, writeJson),
    key_choice: record.keyChoice ?? null,
    preset_host: record.presetHost ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toRecord(row: ProviderTable): ProviderRecord {
  const place = (column: keyof ProviderTable) => ({ table: 'api_key_providers', id: row.id, column });
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
    ...(row.models === null ? {} : { models: readTextList(row.models, place('models')) }),
    ...(row.auth_header === null ? {} : { authHeader: row.auth_header }),
    ...(row.auth_prefix === null ? {} : { authPrefix: row.auth_prefix }),
    ...(row.extra_headers === null ? {} : { extraHeaders: readTextRecord(row.extra_headers, place('extra_headers')) }),
    ...(row.key_choice === null
      ? {}
      : { keyChoice: readMember(CREDENTIAL_CHOICES, row.key_choice, place('key_choice')) }),
    ...(row.preset_host === null ? {} : { presetHost: row.preset_host }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
