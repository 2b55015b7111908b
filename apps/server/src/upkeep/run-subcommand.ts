import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { openStorage, restoreBackup, type StorageLocation, stepStorageDown } from '@proxycast/storage';
import { parseServerConfig } from '../config/parse-server-config.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { claimHome } from '../home/claim-home.ts';
import { hasFile } from '../home/has-file.ts';
import { openHomeFolder } from '../home/home-folder.ts';
import { findKeychain } from '../home/keychain.ts';
import { loadMasterKey } from '../home/load-master-key.ts';
import { loadPresets } from '../presets.ts';
import { workerUrl } from '../worker-url.ts';

const SUBCOMMANDS = ['doctor', 'migrate', 'restore'] as const;

/** Whether the program was asked for something else than serving. */
export function isSubcommand(name: string | undefined): name is (typeof SUBCOMMANDS)[number] {
  return SUBCOMMANDS.some((known) => known === name);
}

/**
 * Work on the files of a server that is stopped. Writes lines for people, or JSON with `--json`; answers the exit code.
 * Throws an Error that says what to do.
 */
export async function runSubcommand(
  [name, ...rest]: readonly string[],
  write: (line: string) => void,
): Promise<number> {
  const isJson = rest.includes('--json');
  const show = (value: unknown, lines: readonly string[]): void => {
    if (isJson) write(JSON.stringify(value, null, 2));
    else for (const line of lines) write(line);
  };
  if (name === 'doctor') {
    const checks = await runDoctor({
      environment: process.env,
      homedir: homedir(),
      sqliteWorkerUrl: workerUrl('sqlite-worker'),
      presets: loadPresets(),
      now: Date.now,
    });
    show(
      { checks },
      checks.map(({ level, name: check, message }) => `${level.padEnd(8)} ${check}: ${message}`),
    );
    return checks.some(({ level }) => level === 'fault') ? 1 : 0;
  }

  const config = parseServerConfig(process.env, homedir());
  const home = openHomeFolder(config.home);
  const release = claimHome(home.path);
  try {
    const location: StorageLocation =
      config.databaseUrl === undefined
        ? { type: 'sqlite', path: home.database, workerUrl: workerUrl('sqlite-worker') }
        : { type: 'postgres', url: config.databaseUrl };
    const masterKey = (): Uint8Array =>
      loadMasterKey({
        path: home.masterKey,
        hasDatabase: true,
        keychain: () => findKeychain(process.platform, process.env),
        randomBytes,
        ...(config.masterKey === undefined ? {} : { fromEnvironment: config.masterKey }),
      }).key;
    if (name === 'migrate' && rest.includes('--down')) {
      const report = await stepStorageDown({ location, backupsDirectory: home.backups, now: Date.now });
      show(report, [`Schema ${report.from ?? 'none'} → ${report.to ?? 'none'}.`, ...backupLine(report.backup)]);
      return 0;
    }
    if (name === 'migrate') {
      if (location.type === 'sqlite' && !hasFile(location.path)) {
        show({}, ['There is no database yet; the first start makes it.']);
        return 0;
      }
      await using storage = await openStorage({
        location,
        masterKey: masterKey(),
        backupsDirectory: home.backups,
        now: Date.now,
      });
      const { migration } = storage;
      show(migration, [
        `Schema ${migration.from ?? 'none'} → ${migration.to ?? 'none'}.`,
        ...backupLine(migration.backup),
      ]);
      return 0;
    }
    const file = rest.find((argument) => !argument.startsWith('--'));
    if (file === undefined) throw new Error('Name the backup: proxycast restore <file>');
    if (location.type !== 'sqlite') {
      throw new Error(
        'A backup of PostgreSQL is put back with its own program: pg_restore --clean --if-exists --dbname "$PROXYCAST_DATABASE_URL" <file>',
      );
    }
    const report = await restoreBackup({
      path: file,
      database: location.path,
      backupsDirectory: home.backups,
      masterKey: masterKey(),
      workerUrl: location.workerUrl,
      now: Date.now,
    });
    show(report, [
      `${file} (schema ${report.schema ?? 'none'}, ${report.bytes} bytes) is in place.`,
      ...(report.movedTo === undefined ? [] : [`The database that was there is kept: ${report.movedTo}`]),
    ]);
    return 0;
  } finally {
    release();
  }
}

function backupLine(backup: {
  readonly type: string;
  readonly path?: string;
  readonly reason?: string;
}): readonly string[] {
  if (backup.path !== undefined) return [`A copy from before: ${backup.path}`];
  return backup.reason === undefined ? [] : [`No copy was made: ${backup.reason}`];
}
