import type { EpochMs, LedgerBatch, LedgerRepository } from '@proxycast/spec';
import type { Engine } from '../engine.ts';
import { RowPacker } from '../row-packer.ts';
import { parseLedgerCursor, renderLedgerCursor } from './ledger-cursor.ts';
import { LEDGER_COLUMNS, packLedgerRow, toLedgerEntry } from './ledger-row.ts';

export interface LedgerStore extends LedgerRepository {
  /** An empty batch, for whoever writes much. */
  createBatch(): LedgerBatch;
  /** Removes what began before that time, in slices that let other calls through. Answers how many rows. */
  deleteOlderThan(time: EpochMs): Promise<number>;
}

const MAX_PAGE = 500;
const ROWS_PER_DELETE = 2_000;

export function createLedgerStore({ db, prepareInsert }: Pick<Engine, 'db' | 'prepareInsert'>): LedgerStore {
  const insertRows = prepareInsert({ table: 'ledger', key: 'id', columns: LEDGER_COLUMNS });
  const createBatch = (): LedgerBatch => {
    const rows = new RowPacker(LEDGER_COLUMNS.length);
    return {
      get size() {
        return rows.size;
      },
      add: (fact, id, costMicroUsd) => packLedgerRow(rows, fact, id, costMicroUsd),
      write: () => insertRows(rows.pack()),
    };
  };
  return {
    createBatch,
    async append(entries) {
      const batch = createBatch();
      for (const entry of entries) batch.add(entry, entry.id, entry.costMicroUsd);
      if (batch.size > 0) await batch.write();
    },
    async list(filter, { limit, cursor }) {
      const size = Math.min(Math.max(Math.trunc(limit), 1), MAX_PAGE);
      let query = db.selectFrom('ledger').selectAll().orderBy('started_at', 'desc').orderBy('id', 'desc');
      if (filter.requestId !== undefined) query = query.where('request_id', '=', filter.requestId);
      if (filter.clientKeyId !== undefined) query = query.where('client_key_id', '=', filter.clientKeyId);
      if (filter.providerId !== undefined) query = query.where('provider_id', '=', filter.providerId);
      if (filter.since !== undefined) query = query.where('started_at', '>=', filter.since);
      if (filter.until !== undefined) query = query.where('started_at', '<', filter.until);
      if (cursor !== undefined) {
        const { startedAt, id } = parseLedgerCursor(cursor);
        query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('started_at', 'id'), '<', tuple(startedAt, id)));
      }
      // One more than asked for tells whether there is a next page.
      const rows = await query.limit(size + 1).execute();
      const items = rows.slice(0, size).map(toLedgerEntry);
      const last = items.at(-1);
      return rows.length > size && last !== undefined ? { items, nextCursor: renderLedgerCursor(last) } : { items };
    },
    async deleteOlderThan(time) {
      let deleted = 0;
      for (;;) {
        const { numDeletedRows } = await db
          .deleteFrom('ledger')
          .where('id', 'in', (slice) =>
            slice
              .selectFrom('ledger')
              .select('id')
              .where('started_at', '<', time)
              .orderBy('started_at')
              .limit(ROWS_PER_DELETE),
          )
          .executeTakeFirstOrThrow();
        deleted += Number(numDeletedRows);
        if (numDeletedRows < ROWS_PER_DELETE) return deleted;
      }
    },
  };
}
