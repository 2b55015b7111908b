import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { StorageError } from '@proxycast/spec';
import { Kysely } from 'kysely';
import { findNewestBackup } from '../backups/find-newest-backup.ts';
import { writeBackupFile } from '../backups/write-backup-file.ts';
import type { DatabaseTables } from '../database-tables.ts';
import type { BackupOutcome, Engine } from '../engine.ts';
import { explainSqliteFault, type SqliteFaultPlace, wayBack } from './explain-sqlite-fault.ts';
import { createReplaceableWorker } from './replaceable-worker.ts';
import { startSqliteWorker } from './sqlite-worker-client.ts';
import { createSqliteWorkerDialect } from './sqlite-worker-dialect.ts';
import { createWriteTurns } from './write-turns.ts';

export interface SqliteParts {
  /** Made when it is missing; its folder has to be there. */
  readonly path: string;
  /** The script of `@proxycast/storage/sqlite-worker`, as it was bundled. */
  readonly workerUrl: URL;
  readonly backupsDirectory: string;
  readonly busyTimeoutMs?: number;
}

const BUSY_TIMEOUT_MS = 5_000;

export async function openSqlite({
  path,
  workerUrl,
  backupsDirectory,
  busyTimeoutMs = BUSY_TIMEOUT_MS,
}: SqliteParts): Promise<Engine> {
  const place: SqliteFaultPlace = {
    path,
    backupsDirectory,
    findNewestBackup: () => findNewestBackup(backupsDirectory, '.db'),
  };
  await refuseEmptiedFile(place);
  const worker = await createReplaceableWorker(() =>
    startSqliteWorker({
      workerUrl,
      workerData: { path, busyTimeoutMs },
      explain: (fault) => explainSqliteFault(fault, place),
    }),
  );
  const turns = createWriteTurns();
  const backup = async (stem: string): Promise<BackupOutcome> => {
    const write = async (file: string): Promise<void> => {
      await worker.run('read', 'vacuum into ?', [file]);
    };
    return { type: 'file', path: await writeBackupFile(backupsDirectory, `${stem}.db`, write) };
  };
  return {
    type: 'sqlite',
    label: path,
    db: new Kysely<DatabaseTables>({ dialect: createSqliteWorkerDialect(worker, turns), log: [] }),
    prepareInsert({ table, key, columns }) {
      const names = columns.map((column) => `"${column.name}"`).join(', ');
      const places = columns.map(() => '?').join(', ');
      const sql = `insert into "${table}" (${names}) values (${places}) on conflict ("${key}") do nothing`;
      const isText = columns.map(({ type }) => type === 'text');
      return async (rows) => {
        const endTurn = await turns.take();
        try {
          await worker.insert(sql, isText, rows);
        } finally {
          endTurn();
        }
      };
    },
    // With `synchronous = normal` a commit is on the disk when the log is next synchronised: a checkpoint begins with that.
    async makeDurable() {
      const endTurn = await turns.take();
      try {
        await worker.run('write', 'pragma wal_checkpoint(passive)', []);
      } finally {
        endTurn();
      }
    },
    backup,
    async replaceFile(stem, placeOther) {
      // A statement that was asked before takes some microtasks until it asks for its turn.
      await setImmediate();
      // Writers wait from here on, so that the backup holds all that was written.
      const endTurn = await turns.take();
      try {
        const kept = await backup(stem);
        await worker.replace(placeOther);
        return kept;
      } finally {
        endTurn();
      }
    },
    async close() {
      // A statement that was asked before takes some microtasks until it asks for its turn.
      await setImmediate();
      const endTurn = await turns.take();
      await worker.close();
      endTurn();
    },
  };
}

/** SQLite takes a file of no bytes for a new database. Where backups lie, there was one, and it is not replaced. */
async function refuseEmptiedFile(place: SqliteFaultPlace): Promise<void> {
  const size = await stat(place.path).then(
    (stats) => stats.size,
    () => undefined,
  );
  if (size !== 0 || (await place.findNewestBackup()) === undefined) return;
  throw new StorageError({
    code: 'storage_corrupt',
    message: `The database ${place.path} is empty, though there are backups of it. It was left as it is. ${await wayBack(place)}`,
  });
}
