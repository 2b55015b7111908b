import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where things are in the home folder. */
export interface HomeFolder {
  readonly path: string;
  readonly database: string;
  readonly masterKey: string;
  readonly adminToken: string;
  readonly backups: string;
  /** JSON files that each register a variant of a dialect. */
  readonly protocols: string;
  /** Installed plugins, a folder each. */
  readonly plugins: string;
  /** Private files of plugins. */
  readonly pluginData: string;
  /** `proxycast.yaml`, where a person may declare the configuration. */
  readonly declared: string;
}

/** Makes the home folder, readable for its owner only. Throws an Error that says what to do. */
export function openHomeFolder(path: string): HomeFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // Windows keeps permissions elsewhere; the profile folder is private there by default.
    if (process.platform !== 'win32') chmodSync(path, 0o700);
  } catch (cause) {
    throw new Error(`The home folder ${path} cannot be made or used. Set PROXYCAST_HOME to a folder you may write.`, {
      cause,
    });
  }
  return homePlaces(path);
}

/** The places alone; nothing is made. */
export function homePlaces(path: string): HomeFolder {
  return {
    path,
    database: join(path, 'proxycast.db'),
    masterKey: join(path, 'secret.key'),
    adminToken: join(path, 'admin.token'),
    backups: join(path, 'backups'),
    protocols: join(path, 'protocols'),
    plugins: join(path, 'plugins'),
    pluginData: join(path, 'plugin-data'),
    declared: join(path, 'proxycast.yaml'),
  };
}
