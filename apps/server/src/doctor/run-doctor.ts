import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Preset } from '@proxycast/api-key-providers';
import {
  inspectStorage,
  isRestoreUnfinished,
  listBackups,
  openStorage,
  type StorageLocation,
} from '@proxycast/storage';
import { ConfigError, parseServerConfig, type ServerConfig } from '../config/parse-server-config.ts';
import { hasFile } from '../home/has-file.ts';
import { homePlaces } from '../home/home-folder.ts';
import { findKeychain } from '../home/keychain.ts';
import { loadMasterKey } from '../home/load-master-key.ts';
import { loadVariants } from '../variants/load-variants.ts';
import { VERSION } from '../version.ts';
import { checkBackups } from './check-backups.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkDeclaredFile } from './check-declared.ts';
import { checkHome, checkPort, checkRuntime } from './check-machine.ts';
import { checkPlugins } from './check-plugins.ts';
import { type DoctorCheck, fault, messageOf, ok, warning } from './doctor-check.ts';
import { examineStoppedPlugins } from './examine-stopped-plugins.ts';

export interface DoctorParts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  readonly sqliteWorkerUrl: URL;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly now: () => number;
}

/** Looks at everything a start needs, without starting and without changing anything. */
export async function runDoctor(parts: DoctorParts): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [checkRuntime(process.versions.node)];
  let config: ServerConfig;
  try {
    config = parseServerConfig(parts.environment, parts.homedir);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return [
      ...checks,
      ...cause.faults.map(({ path, message }) => fault('setting', 'setting_wrong', { path, detail: message })),
    ];
  }
  const home = homePlaces(config.home);
  checks.push(ok('setting', 'setting_ok'), ...checkHome(home.path), await checkPort(config));
  if (checks.some(({ name, level }) => name === 'home' && level === 'fault')) return checks;
  checks.push(...(await checkDeclaredFile(home.declared, parts.environment)));
  for (const { path, message } of loadVariants([], home.protocols).faults)
    checks.push(warning('protocol', 'protocol_wrong', { path, detail: message }));
  // The database is between two states; looking at it would tell of neither.
  if (config.databaseUrl === undefined && (await isRestoreUnfinished(home.database)))
    return [...checks, warning('database', 'restore_unfinished')];
  const isNew = config.databaseUrl === undefined && !hasFile(home.database);
  if (isNew && !existsSync(home.masterKey)) return [...checks, ok('database', 'database_none')];

  let masterKey: Uint8Array;
  try {
    masterKey = loadMasterKey({
      path: home.masterKey,
      hasDatabase: !isNew,
      keychain: () => findKeychain(process.platform, process.env),
      // Never asked for: a key is only made where there is no database, and then we do not come here.
      randomBytes,
      ...(config.masterKey === undefined ? {} : { fromEnvironment: config.masterKey }),
    }).key;
  } catch (cause) {
    return [...checks, fault('master_key', 'master_key_wrong', { detail: messageOf(cause) })];
  }
  const location: StorageLocation =
    config.databaseUrl === undefined
      ? { type: 'sqlite', path: home.database, workerUrl: parts.sqliteWorkerUrl }
      : { type: 'postgres', url: config.databaseUrl };
  return [...checks, ...(await checkDatabase(parts, location, masterKey, home.backups, home.plugins))];
}

async function checkDatabase(
  { presets, now, environment }: DoctorParts,
  location: StorageLocation,
  masterKey: Uint8Array,
  backupsDirectory: string,
  pluginsDirectory: string,
): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  try {
    const state = await inspectStorage({ location, masterKey, backupsDirectory });
    checks.push(ok('master_key', 'master_key_ok'));
    if (state.pending.length > 0) {
      checks.push(warning('database', 'database_old'));
      return checks;
    }
    checks.push(ok('database', 'database_ok', { schema: state.applied.at(-1) ?? 'none' }));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const detail = messageOf(cause);
    return [
      code === 'master_key_wrong'
        ? fault('master_key', 'master_key_wrong', { detail })
        : fault('database', 'database_faulty', { detail }),
    ];
  }
  if (location.type === 'sqlite') checks.push(...checkBackups(await listBackups(backupsDirectory), now()));
  const unreadable: string[] = [];
  await using storage = await openStorage({
    location,
    masterKey,
    backupsDirectory,
    now,
    onUnreadableSecret: (error) => unreadable.push(error.message),
  });
  const plugins = await examineStoppedPlugins({
    storage,
    folder: pluginsDirectory,
    hostVersion: VERSION,
    system: { platform: process.platform, arch: process.arch, searchPath: environment['PATH'] ?? '' },
  });
  checks.push(...(await checkConfiguration(storage, presets, plugins?.plugins)));
  if (plugins !== undefined) checks.push(...checkPlugins(plugins));
  for (const message of unreadable) checks.push(fault('api_key', 'api_key_unreadable', { detail: message }));
  return checks;
}
