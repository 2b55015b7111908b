import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { ProxyCastError } from '@proxycast/spec';
import {
  finishRestore,
  openStorage,
  restoreBackup,
  restoreUnsupported,
  type StorageLocation,
  stepStorageDown,
} from '@proxycast/storage';
import { ConfigError, parseServerConfig } from '../config/parse-server-config.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { claimHome } from '../home/claim-home.ts';
import { hasFile } from '../home/has-file.ts';
import { openHomeFolder } from '../home/home-folder.ts';
import { findKeychain } from '../home/keychain.ts';
import { loadMasterKey } from '../home/load-master-key.ts';
import { loadPresets } from '../presets.ts';
import { workerUrl } from '../worker-url.ts';

const SUBCOMMANDS = ['doctor', 'migrate', 'restore'] as const;
type Subcommand = (typeof SUBCOMMANDS)[number];

/** Whether the program was asked for something else than serving. */
export function isSubcommand(name: string | undefined): name is Subcommand {
  return SUBCOMMANDS.some((known) => known === name);
}

/**
 * Work on the files of a server that is stopped, for the command line. Writes one JSON value, what was done or
 * `{ "error": { code, message } }`; answers the exit code.
 */
export async function runSubcommand(
  name: Subcommand,
  args: readonly string[],
  write: (text: string) => void,
): Promise<number> {
  try {
    write(JSON.stringify(await answerSubcommand(name, args)));
    return 0;
  } catch (cause) {
    write(JSON.stringify({ error: explain(cause) }));
    return 1;
  }
}

function explain(cause: unknown): { readonly code: string; readonly message: string } {
  if (cause instanceof ConfigError) {
    const faults = cause.faults.map(({ path, message }) => `  ${path} ${message}`);
    return { code: 'wrong_setting', message: ['Wrong settings:', ...faults].join('\n') };
  }
  const code = cause instanceof ProxyCastError ? cause.code : 'failed';
  return { code, message: cause instanceof Error ? cause.message : String(cause) };
}

async function answerSubcommand(name: Subcommand, args: readonly string[]): Promise<unknown> {
  if (name === 'doctor') {
    const checks = await runDoctor({
      environment: process.env,
      homedir: homedir(),
      sqliteWorkerUrl: workerUrl('sqlite-worker'),
      presets: loadPresets(),
      now: Date.now,
    });
    return { checks };
  }

  const config = parseServerConfig(process.env, homedir());
  const home = openHomeFolder(config.home);
  const release = claimHome(home.path);
  try {
    const location: StorageLocation =
      config.databaseUrl === undefined
        ? { type: 'sqlite', path: home.database, workerUrl: workerUrl('sqlite-worker') }
        : { type: 'postgres', url: config.databaseUrl };
    if (location.type === 'sqlite') await finishRestore(location.path);
    const parts = { location, backupsDirectory: home.backups, now: Date.now };
    const masterKey = (): Uint8Array =>
      loadMasterKey({
        path: home.masterKey,
        hasDatabase: true,
        keychain: () => findKeychain(process.platform, process.env),
        randomBytes,
        ...(config.masterKey === undefined ? {} : { fromEnvironment: config.masterKey }),
      }).key;
    if (name === 'migrate') {
      if (location.type === 'sqlite' && !hasFile(location.path)) return { backup: { type: 'none' } };
      if (args.includes('--down')) return await stepStorageDown(parts);
      await using storage = await openStorage({ ...parts, masterKey: masterKey() });
      return storage.migration;
    }
    const file = args.find((argument) => !argument.startsWith('--'));
    if (file === undefined) throw new Error('Name the backup: proxycast restore <backup>');
    if (location.type !== 'sqlite') throw restoreUnsupported(file);
    const restored = await restoreBackup({
      path: findBackup(file, home.backups),
      database: location.path,
      backupsDirectory: home.backups,
      masterKey: masterKey(),
      workerUrl: location.workerUrl,
      now: Date.now,
    });
    return { name: basename(file), ...restored };
  } finally {
    release();
  }
}

/** A path, or the bare name of a file in the backups folder. */
function findBackup(file: string, backupsDirectory: string): string {
  const inFolder = join(backupsDirectory, file);
  return basename(file) === file && !existsSync(file) && existsSync(inFolder) ? inFolder : resolve(file);
}
