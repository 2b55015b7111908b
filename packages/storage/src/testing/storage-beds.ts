import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@proxycast/spec';
import type { Engine } from '../engine.ts';
import type { StorageLocation } from '../open-engine.ts';
import { findPostgresBinaries, type RunningPostgres, startPostgres } from './start-postgres.ts';

export const SQLITE_WORKER_URL = new URL('../sqlite/sqlite-worker.ts', import.meta.url);

/** One engine to test on: every location it makes is a database of its own. */
export interface StorageBed {
  readonly engine: Engine['type'];
  start(): Promise<void>;
  stop(): Promise<void>;
  createLocation(): Promise<StorageLocation>;
  /** A folder for backups, removed with the bed. */
  createDirectory(): Promise<string>;
}

/** SQLite, and PostgreSQL where its binaries are. */
export function createStorageBeds(): readonly StorageBed[] {
  const binaries = findPostgresBinaries();
  return [createSqliteBed(), ...(binaries === undefined ? [] : [createPostgresBed(binaries)])];
}

export function createSqliteBed(): StorageBed {
  const directories = createDirectories();
  return {
    engine: 'sqlite',
    async start() {},
    stop: directories.remove,
    createDirectory: directories.create,
    async createLocation() {
      return {
        type: 'sqlite',
        path: join(await directories.create(), 'proxycast.db'),
        workerUrl: SQLITE_WORKER_URL,
      };
    },
  };
}

function createPostgresBed(binaries: string): StorageBed {
  const directories = createDirectories();
  let server: RunningPostgres | undefined;
  return {
    engine: 'postgres',
    async start() {
      server = await startPostgres(binaries);
    },
    async stop() {
      await server?.stop();
      await directories.remove();
    },
    createDirectory: directories.create,
    async createLocation() {
      if (server === undefined) throw new Error('The bed has not been started.');
      return { type: 'postgres', url: new Secret(await server.createDatabase()) };
    },
  };
}

function createDirectories(): { create(): Promise<string>; remove(): Promise<void> } {
  const made: string[] = [];
  return {
    async create() {
      const directory = await mkdtemp(join(tmpdir(), 'proxycast-storage-'));
      made.push(directory);
      return directory;
    },
    async remove() {
      for (const directory of made) await rm(directory, { recursive: true, force: true });
    },
  };
}
