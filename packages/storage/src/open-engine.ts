import { type Secret, unreachable } from '@proxycast/spec';
import type { Engine } from './engine.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

export type StorageLocation =
  /** `workerUrl`: the script of `@proxycast/storage/sqlite-worker`, as it was bundled. */
  | { readonly type: 'sqlite'; readonly path: string; readonly workerUrl: URL }
  /** A Secret because of the password in the URL. */
  | { readonly type: 'postgres'; readonly url: Secret };

/** The database itself, as it is: nothing is made or migrated. */
export function openEngine(location: StorageLocation, backupsDirectory: string): Promise<Engine> {
  switch (location.type) {
    case 'sqlite':
      return openSqlite({ path: location.path, workerUrl: location.workerUrl, backupsDirectory });
    case 'postgres':
      return openPostgres({ url: location.url, backupsDirectory });
    default:
      return unreachable(location);
  }
}
