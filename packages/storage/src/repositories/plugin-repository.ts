import { type InstalledPluginRecord, type PluginRepository, type PluginSource, Secret } from '@proxycast/spec';
import type { Kysely, Transaction } from 'kysely';
import type { DatabaseTables, PluginTable } from '../database-tables.ts';
import type { Keyring } from '../secrets/master-key.ts';
import { readCurrentMasterKey } from '../secrets/master-key-check.ts';
import { openSecret, sealSecret } from '../secrets/sealed-secret.ts';
import { writeConfiguration } from '../write-configuration.ts';
import { deleteRow } from './delete-row.ts';
import { pluginConfigPlace } from './plugin-config-place.ts';
import {
  isJsonObject,
  readJsonObject,
  readTextRecord,
  type StoredPlace,
  unreadable,
  writeFlag,
  writeJson,
} from './stored-value.ts';

export interface PluginRepositoryParts {
  readonly db: Kysely<DatabaseTables>;
  readonly keyring: Keyring;
  /** The database, for messages. */
  readonly label: string;
}

/** Settings may hold what a person typed into a password field: they are sealed as credentials are. */
export function createPluginRepository({ db, keyring, label }: PluginRepositoryParts): PluginRepository {
  const seal = async (transaction: Transaction<DatabaseTables>, id: string, config: string): Promise<string> =>
    sealSecret(await readCurrentMasterKey(transaction, keyring, label), pluginConfigPlace(id), new Secret(config));
  const toRecord = (row: PluginTable): InstalledPluginRecord =>
    readRow({ ...row, config: openSecret(keyring, pluginConfigPlace(row.id), row.config).reveal() });

  return {
    async put(record) {
      await writeConfiguration(db, async (transaction) => {
        const { id, created_at, ...plain } = toRow(record);
        const columns = { ...plain, config: await seal(transaction, id, plain.config) };
        await transaction
          .insertInto('credential_provider_plugins')
          .values({ id, created_at, ...columns })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
          .execute();
      });
    },
    async list() {
      const rows = await db.selectFrom('credential_provider_plugins').selectAll().orderBy('id').execute();
      return rows.map(toRecord);
    },
    async get(id) {
      const row = await db
        .selectFrom('credential_provider_plugins')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toRecord(row);
    },
    async update(id, changes, now) {
      const row = await writeConfiguration(
        db,
        async (transaction) => {
          const before = await transaction
            .selectFrom('credential_provider_plugins')
            .selectAll()
            .where('id', '=', id)
            .executeTakeFirst();
          if (before === undefined) return undefined;
          const known = toRecord(before);
          const next: InstalledPluginRecord = {
            ...known,
            enabled: changes.enabled ?? known.enabled,
            timeoutMs: changes.timeoutMs ?? known.timeoutMs,
            settings: changes.settings ?? known.settings,
            updatedAt: now,
          };
          const { enabled, config, updated_at } = toRow(next);
          return await transaction
            .updateTable('credential_provider_plugins')
            .set({ enabled, config: await seal(transaction, id, config), updated_at })
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirst();
        },
        (updated) => updated !== undefined,
      );
      return row && toRecord(row);
    },
    delete: (id) => deleteRow(db, 'credential_provider_plugins', id),
  };
}

function toRow(record: InstalledPluginRecord): PluginTable {
  const { id, displayName, version, enabled, timeoutMs, settings, consent, digests, source } = record;
  return {
    id,
    display_name: displayName,
    version,
    enabled: writeFlag(enabled),
    config: writeJson({ timeout_ms: timeoutMs, settings }),
    consent: writeJson(consent),
    digests: writeJson(digests),
    source: writeJson(source),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

function readRow(row: PluginTable): InstalledPluginRecord {
  const place = (column: string): StoredPlace => ({ table: 'credential_provider_plugins', id: row.id, column });
  const config = readJsonObject(row.config, place('config'));
  const { timeout_ms: timeoutMs, settings } = config;
  if (typeof timeoutMs !== 'number' || !isJsonObject(settings)) throw unreadable(place('config'));
  return {
    id: row.id,
    displayName: row.display_name,
    version: row.version,
    enabled: row.enabled !== 0,
    timeoutMs,
    settings,
    consent: readConsent(row.consent, place('consent')),
    digests: readTextRecord(row.digests, place('digests')),
    source: readSource(row.source, place('source')),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function readConsent(text: string, place: StoredPlace): InstalledPluginRecord['consent'] {
  const { network, files, keychain } = readJsonObject(text, place);
  if (!isTextList(network) || !isTextList(files) || !Array.isArray(keychain)) throw unreadable(place);
  return {
    network,
    files,
    keychain: keychain.map((item: unknown) => {
      if (!isJsonObject(item)) throw unreadable(place);
      const { service, account } = item;
      if (typeof service !== 'string') throw unreadable(place);
      return typeof account === 'string' ? { service, account } : { service };
    }),
  };
}

function readSource(text: string, place: StoredPlace): PluginSource {
  const { type, name, path, repo, version } = readJsonObject(text, place);
  if (type === 'bundled' && typeof name === 'string') return { type, name };
  if (type === 'file' && typeof path === 'string') return { type, path };
  if (type === 'upload') return { type };
  if (type === 'github' && typeof repo === 'string' && typeof version === 'string') return { type, repo, version };
  throw unreadable(place);
}

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
