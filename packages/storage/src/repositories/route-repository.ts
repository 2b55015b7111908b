import { ConflictError, type RouteRecord, type RouteRepository, type RouteTarget } from '@proxycast/spec';
import type { Kysely } from 'kysely';
import { ConstraintError } from '../constraint-error.ts';
import type { DatabaseTables, RouteTable } from '../database-tables.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { deleteRow } from './delete-row.ts';
import {
  changed,
  isJsonObject,
  nullable,
  readJson,
  readJsonObject,
  type StoredPlace,
  unreadable,
  writeFlag,
  writeJson,
} from './stored-value.ts';

export function createRouteRepository(db: Kysely<DatabaseTables>): RouteRepository {
  return {
    async insert(record) {
      const row = toRow(record);
      try {
        await writeConfiguration(db, (transaction) => transaction.insertInto('routes').values(row).execute());
      } catch (error) {
        if (error instanceof ConstraintError && error.constraint === 'unique') {
          throw new ConflictError({
            code: 'route_exists',
            message: `There is a route with the id ${record.id} already.`,
            field: 'id',
          });
        }
        throw error;
      }
    },
    async list() {
      const rows = await db.selectFrom('routes').selectAll().orderBy('sort_order').orderBy('id').execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db.selectFrom('routes').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toRecord(row);
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        (transaction) =>
          transaction
            .updateTable('routes')
            .set({
              pattern: changes.pattern,
              targets: changes.targets === undefined ? undefined : writeJson(changes.targets),
              sort_order: changes.sortOrder,
              enabled: changes.enabled === undefined ? undefined : writeFlag(changes.enabled),
              default_parameters: changed(changes.defaultParameters, writeJson),
              output: changes.output,
              updated_at: now,
            })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst(),
        (updated) => updated !== undefined,
      );
      return row && toRecord(row);
    },
    delete: (id) => deleteRow(db, 'routes', id),
  };
}

function toRow(record: RouteRecord): RouteTable {
  return {
    id: record.id,
    pattern: record.pattern,
    targets: writeJson(record.targets),
    sort_order: record.sortOrder,
    enabled: writeFlag(record.enabled),
    default_parameters: nullable(record.defaultParameters, writeJson),
    output: record.output ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function toRecord(row: RouteTable): RouteRecord {
  const place = (column: keyof RouteTable) => ({ table: 'routes', id: row.id, column });
  return {
    id: row.id,
    pattern: row.pattern,
    targets: readTargets(row.targets, place('targets')),
    sortOrder: row.sort_order,
    enabled: row.enabled !== 0,
    ...(row.default_parameters === null
      ? {}
      : { defaultParameters: readJsonObject(row.default_parameters, place('default_parameters')) }),
    ...(row.output === null ? {} : { output: row.output }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function readTargets(text: string, place: StoredPlace): readonly RouteTarget[] {
  const value = readJson(text, place);
  if (!Array.isArray(value)) throw unreadable(place);
  return value.map((item: unknown) => {
    if (!isJsonObject(item)) throw unreadable(place);
    const { provider, model } = item;
    if (!isTextOrAbsent(provider) || !isTextOrAbsent(model)) throw unreadable(place);
    return { ...(provider === undefined ? {} : { provider }), ...(model === undefined ? {} : { model }) };
  });
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}
