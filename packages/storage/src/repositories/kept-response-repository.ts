import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import {
  KEPT_STATUSES,
  type KeptContent,
  type KeptResponse,
  type KeptResponseRepository,
  parseClientKeyId,
  parseCredentialId,
  parseProviderId,
} from '@proxycast/spec';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { DatabaseTables, KeptResponseTable } from '../database-tables.ts';
import type { Engine } from '../engine.ts';
import { RowPacker } from '../row-packer.ts';
import type { Keyring, MasterKey } from '../secrets/master-key.ts';
import { MASTER_KEY_CHECK, readCurrentMasterKey } from '../secrets/master-key-check.ts';
import { openBytes, sealBytes } from '../secrets/sealed-secret.ts';
import { packContent, unpackContent } from './kept-content.ts';
import { keptContentPlace } from './kept-content-place.ts';
import { isOwnerRow, OWNER_COLUMNS, packOwnerRow } from './kept-owner-row.ts';
import { readMember, unreadable, writeFlag } from './stored-value.ts';

export interface KeptResponseRepositoryParts extends Pick<Engine, 'db' | 'prepareInsert'> {
  readonly keyring: Keyring;
  /** The database, for messages. */
  readonly label: string;
}

// In the thread pool: some megabytes of base64 take longer than a stream should wait.
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** No record is written that would unpack to more. */
const MAX_CONTENT_BYTES = 256 * 1024 * 1024;

/** One statement for several rows: each is a message to another thread, or to a server. */
const ROWS_PER_INSERT = 100;

/** A row without content, its entries in three indexes included. */
const ROW_BYTES = 512;

/** Finding the oldest means a look at all, so many go at a time. */
const CHAINS_PER_PRUNE = 2_000;

export function createKeptResponseRepository({
  db,
  prepareInsert,
  keyring,
  label,
}: KeptResponseRepositoryParts): KeptResponseRepository {
  const insertOwners = prepareInsert({ table: 'kept_responses', key: 'record_id', columns: OWNER_COLUMNS });
  const open = async (row: KeptResponseTable): Promise<KeptResponse> => ({
    ...toRecord(row),
    ...(row.content_encrypted === null
      ? {}
      : { content: await openContent(keyring, row.record_id, row.content_encrypted) }),
  });

  return {
    async save(records) {
      if (records.length === 0) return;
      // Of a record that is there twice the last form counts; a statement may touch a row once.
      const [owners, last] = partition(
        [...new Map(records.map((record) => [record.recordId, record])).values()],
        isOwnerRow,
      );
      if (owners.length > 0) {
        const rows = new RowPacker(OWNER_COLUMNS.length);
        for (const owner of owners) packOwnerRow(rows, owner, ROW_BYTES);
        await insertOwners(rows.pack());
      }
      if (last.length === 0) return;
      const packed = await Promise.all(
        last.map(async (record) => ({
          record,
          bytes: record.content === undefined ? undefined : await compress(packContent(record.content)),
        })),
      );
      await db.transaction().execute(async (transaction) => {
        const masterKey = await holdMasterKey(transaction, keyring, label);
        for (let at = 0; at < packed.length; at += ROWS_PER_INSERT) {
          const rows = packed
            .slice(at, at + ROWS_PER_INSERT)
            .map(({ record, bytes }) => toRow(record, bytes, masterKey));
          await transaction
            .insertInto('kept_responses')
            .values(rows)
            .onConflict((conflict) =>
              conflict.column('record_id').doUpdateSet(({ ref }) => ({
                status: ref('excluded.status'),
                expires_at: ref('excluded.expires_at'),
                provider_id: ref('excluded.provider_id'),
                model: ref('excluded.model'),
                origin: ref('excluded.origin'),
                credential_id: ref('excluded.credential_id'),
                runner: ref('excluded.runner'),
                bytes: ref('excluded.bytes'),
                content_encrypted: ref('excluded.content_encrypted'),
              })),
            )
            .execute();
        }
      });
    },
    async find(clientKeyId, id) {
      const row = await db
        .selectFrom('kept_responses')
        .selectAll()
        .where('response_id', '=', id)
        .where('client_key_id', '=', clientKeyId)
        .orderBy('created_at', 'desc')
        .orderBy('record_id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && open(row);
    },
    async chain(recordId, limit) {
      const rows = await db
        .withRecursive('path', (query) =>
          query
            .selectFrom('kept_responses')
            .selectAll('kept_responses')
            .select(sql<number>`0`.as('steps'))
            .where('record_id', '=', recordId)
            .unionAll(
              query
                .selectFrom('kept_responses')
                .innerJoin('path', 'path.parent_record_id', 'kept_responses.record_id')
                .selectAll('kept_responses')
                .select(sql<number>`path.steps + 1`.as('steps'))
                // A link that runs in a circle must end as well.
                .where(sql<number>`path.steps`, '<', limit - 1),
            ),
        )
        .selectFrom('path')
        .selectAll()
        .orderBy('steps')
        .execute();
      return Promise.all(rows.map(open));
    },
    async delete(recordId) {
      const { numDeletedRows } = await db
        .deleteFrom('kept_responses')
        .where('record_id', '=', recordId)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    async unfinished(runner) {
      const rows = await db.selectFrom('kept_responses').selectAll().where('runner', '=', runner).execute();
      return Promise.all(rows.map(open));
    },
    async prune({ now, maxBytes }) {
      let pruned = await pruneChains(db, (chains) => chains.having(({ eb, fn }) => eb(fn.max('expires_at'), '<', now)));
      const { bytes } = await db
        .selectFrom('kept_responses')
        .select(({ fn }) => fn.coalesce(fn.sum<number>('bytes'), sql<number>`0`).as('bytes'))
        .executeTakeFirstOrThrow();
      for (let excessBytes = Number(bytes) - maxBytes; excessBytes > 0; ) {
        const oldest = await oldestChains(db, excessBytes);
        if (oldest.ids.length === 0) return pruned;
        const { numDeletedRows } = await db
          .deleteFrom('kept_responses')
          .where('chain_id', 'in', oldest.ids)
          .executeTakeFirstOrThrow();
        pruned += Number(numDeletedRows);
        excessBytes -= oldest.bytes;
      }
      return pruned;
    },
  };
}

function partition<Item>(items: readonly Item[], belongs: (item: Item) => boolean): readonly [Item[], Item[]] {
  const own: Item[] = [];
  const others: Item[] = [];
  for (const item of items) (belongs(item) ? own : others).push(item);
  return [own, others];
}

type ChainQuery = ReturnType<typeof chainsOf>;

const chainsOf = (db: Kysely<DatabaseTables>) =>
  db.selectFrom('kept_responses').select('chain_id').groupBy('chain_id').limit(CHAINS_PER_PRUNE);

/** In slices that let other calls through. */
async function pruneChains(db: Kysely<DatabaseTables>, narrow: (chains: ChainQuery) => ChainQuery): Promise<number> {
  let pruned = 0;
  for (;;) {
    const { numDeletedRows } = await db
      .deleteFrom('kept_responses')
      .where('chain_id', 'in', narrow(chainsOf(db)))
      .executeTakeFirstOrThrow();
    pruned += Number(numDeletedRows);
    if (numDeletedRows === 0n) return pruned;
  }
}

/** As many of the chains that were touched longest ago as hold that many bytes. */
async function oldestChains(
  db: Kysely<DatabaseTables>,
  excessBytes: number,
): Promise<{ readonly ids: readonly string[]; readonly bytes: number }> {
  const chains = await db
    .selectFrom('kept_responses')
    .select(({ fn }) => ['chain_id', fn.sum<number>('bytes').as('bytes')])
    .groupBy('chain_id')
    .orderBy(({ fn }) => fn.max('created_at'))
    .limit(CHAINS_PER_PRUNE)
    .execute();
  const ids: string[] = [];
  let bytes = 0;
  for (const chain of chains) {
    if (bytes >= excessBytes) break;
    ids.push(chain.chain_id);
    bytes += Number(chain.bytes);
  }
  return { ids, bytes };
}

/** The key in force, which nobody changes before this transaction has ended. */
async function holdMasterKey(
  transaction: Transaction<DatabaseTables>,
  keyring: Keyring,
  label: string,
): Promise<MasterKey> {
  await transaction
    .updateTable('meta')
    .set({ value: sql<string>`value` })
    .where('name', '=', MASTER_KEY_CHECK)
    .execute();
  return readCurrentMasterKey(transaction, keyring, label);
}

async function openContent(keyring: Keyring, recordId: string, sealed: string): Promise<KeptContent> {
  const place = { table: 'kept_responses', id: recordId, column: 'content_encrypted' };
  const packed = openBytes(keyring, keptContentPlace(recordId), sealed);
  const bytes = await decompress(packed, { maxOutputLength: MAX_CONTENT_BYTES });
  const content = unpackContent(bytes);
  if (content === undefined) throw unreadable(place);
  return content;
}

function toRow(record: KeptResponse, bytes: Uint8Array | undefined, masterKey: MasterKey): KeptResponseTable {
  const sealed = bytes === undefined ? null : sealBytes(masterKey, keptContentPlace(record.recordId), bytes);
  return {
    record_id: record.recordId,
    response_id: record.id,
    client_key_id: record.clientKeyId,
    parent_record_id: record.parentRecordId ?? null,
    chain_id: record.chainId,
    depth: record.depth,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
    status: record.status,
    is_background: writeFlag(record.isBackground),
    provider_id: record.providerId,
    model: record.model,
    origin: record.origin,
    credential_id: record.credentialId ?? null,
    runner: record.runner ?? null,
    bytes: ROW_BYTES + (sealed?.length ?? 0),
    content_encrypted: sealed,
  };
}

function toRecord(row: KeptResponseTable): KeptResponse {
  const status = readMember(KEPT_STATUSES, row.status, {
    table: 'kept_responses',
    id: row.record_id,
    column: 'status',
  });
  return {
    recordId: row.record_id,
    id: row.response_id,
    clientKeyId: parseClientKeyId(row.client_key_id),
    ...(row.parent_record_id === null ? {} : { parentRecordId: row.parent_record_id }),
    chainId: row.chain_id,
    depth: row.depth,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    status,
    isBackground: row.is_background !== 0,
    providerId: parseProviderId(row.provider_id),
    model: row.model,
    origin: row.origin,
    ...(row.credential_id === null ? {} : { credentialId: parseCredentialId(row.credential_id) }),
    ...(row.runner === null ? {} : { runner: row.runner }),
  };
}
