import type {
  CredentialRow,
  createPluginProvider,
  KnownCredentials,
  PluginHost,
  PluginHostParts,
  PluginUnit,
} from '@proxycast/plugin-host';
import type {
  Credential,
  CredentialId,
  EpochMs,
  PluginCredentialRecord,
  PluginTransport,
  Provider,
  Secret,
} from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import type { Logger } from 'pino';
import { workerUrl } from '../worker-url.ts';
import { clearIncoming } from './place-plugin.ts';
import { pluginPlatformOf } from './plugin-platform.ts';

export interface PluginsParts {
  /** Where plugins are installed. */
  readonly folder: string;
  /** Private files of plugins. */
  readonly dataFolder: string;
  /** The host's own folder: no plugin reads anything in it. */
  readonly homeFolder: string;
  readonly storage: Pick<Storage, 'plugins' | 'pluginCredentials' | 'hostSecret'>;
  readonly version: string;
  readonly system: {
    readonly platform: NodeJS.Platform;
    readonly arch: string;
    /** Of the person who runs the host. */
    readonly userHome: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  };
  readonly lookUp: (name: string) => Promise<readonly { readonly address: string }[]>;
  readonly isPublicAddress: (address: string) => boolean;
  readonly log: Logger;
  readonly now: () => EpochMs;
  /** Every credential that is stored, each time it is read. */
  readonly onCredentials: (records: readonly PluginCredentialRecord[]) => void;
  /** Whether a token that was refused is another now, once its refresh has come to an end. */
  readonly refreshed: NonNullable<PluginTransport['refreshed']>;
  /** The providers are other ones now. Settles when requests go to them; never rejects. */
  readonly onChanged: () => Promise<void>;
}

/** The installed plugins, running. */
export interface Plugins extends AsyncDisposable {
  /** Starts what is installed and enabled. Where nothing is installed nothing is loaded. */
  start(): Promise<void>;
  /** The records are other ones, as after a restore: everything is started anew by what they say. */
  restart(): Promise<void>;
  /** The host, started if it was not. */
  open(): Promise<PluginHost>;
  /** What the gateway can route to now, and every credential there is. */
  providers(): Promise<{ readonly providers: readonly Provider[]; readonly credentialIds: readonly CredentialId[] }>;
}

interface Opened {
  readonly host: PluginHost;
  readonly createProvider: typeof createPluginProvider;
  /** What each running plugin was told of its credentials; of those that are gone it is forgotten. */
  readonly knownOf: (unit: PluginUnit, ids: readonly string[]) => KnownCredentials;
}

/** How long a start of the server waits for its plugins; they go on starting after it. */
const START_WAIT_MS = 3_000;

export function createPlugins(parts: PluginsParts): Plugins {
  const { folder, storage, log } = parts;
  let opening: Promise<Opened> | undefined;
  let opened: Opened | undefined;

  function load(): Promise<Opened> {
    opening ??= openHost(parts).then((value) => {
      opened = value;
      return value;
    });
    return opening;
  }

  async function close(): Promise<void> {
    const closing = opening;
    opening = undefined;
    opened = undefined;
    await (await closing?.catch(() => undefined))?.host[Symbol.asyncDispose]();
  }

  const plugins: Plugins = {
    async restart() {
      if (opening === undefined) return;
      await close();
      await plugins.start();
    },
    async start() {
      // A row that cannot be read takes no other provider down.
      const installed = await storage.plugins.list().catch((cause: unknown) => {
        log.error({ err: cause }, 'the plugins could not be started');
        return [];
      });
      if (installed.length === 0) return;
      await clearIncoming(folder);
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, START_WAIT_MS);
      const started = load().then(
        () => parts.onChanged(),
        (cause: unknown) => log.error({ err: cause }, 'the plugins could not be started'),
      );
      await Promise.race([started, late]);
      clearTimeout(timer);
    },
    open: async () => (await load()).host,
    async providers() {
      const rows = opened === undefined ? [] : await storage.pluginCredentials.listWithData();
      parts.onCredentials(rows.map(({ record }) => record));
      return {
        providers: opened === undefined ? [] : providersOf(opened, rows, parts.refreshed),
        credentialIds: rows.map(({ record }) => record.id),
      };
    },
    [Symbol.asyncDispose]: close,
  };
  return plugins;
}

async function openHost(parts: PluginsParts): Promise<Opened> {
  // Most servers have no plugin: what runs them is loaded when there is one.
  const {
    startPluginHost,
    findOuterBoundary,
    createSendHttp,
    createPluginProvider: createProvider,
    createKnownCredentials,
  } = await import('@proxycast/plugin-host');
  const { storage, system, log } = parts;
  const { environment } = system;
  const outer = await findOuterBoundary({ platform: system.platform, path: environment['PATH'] ?? '' });
  if (outer.type === 'none') log.warn({ why: outer.why }, 'plugins run without an outer boundary');
  const host = await startPluginHost({
    folder: parts.folder,
    dataFolder: parts.dataFolder,
    ownFolders: [parts.homeFolder],
    folders: foldersOf(system),
    node: process.execPath,
    outer,
    databaseProgram: programPath('plugin-database'),
    secret: await storage.hostSecret('plugins'),
    hostVersion: parts.version,
    platform: pluginPlatformOf(system.platform, system.arch),
    locale: () => 'en',
    send: createSendHttp({ lookUp: parts.lookUp, isPublicAddress: parts.isPublicAddress }),
    recordOf: (name) => storage.plugins.get(name),
    log: (plugin, { level, message, fields }) => log[level]({ plugin, ...fields }, message),
    notify: (plugin, notice) => log.info({ plugin, ...notice }, 'a plugin has something to say'),
    emit: () => undefined,
    onState: (plugin, state) => {
      if (state.type === 'failed') log.error({ plugin, code: state.error.code }, state.error.message);
      if (state.type === 'resting') log.warn({ plugin, crashes: state.crashes }, `a plugin ended: ${state.why}`);
      if (state.type === 'running' || state.type === 'stopped') void parts.onChanged();
    },
    now: parts.now,
    random: Math.random,
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  });
  const known = new WeakMap<PluginUnit, { readonly credentials: KnownCredentials; readonly ids: readonly string[] }>();
  return {
    host,
    createProvider,
    knownOf(unit, ids) {
      const before = known.get(unit);
      const credentials = before?.credentials ?? createKnownCredentials();
      for (const id of (before?.ids ?? []).filter((one) => !ids.includes(one))) {
        credentials.forget(id);
        unit.port.dropCredential(id);
      }
      known.set(unit, { credentials, ids });
      return credentials;
    },
  };
}

function providersOf(
  { host, createProvider, knownOf }: Opened,
  rows: readonly { readonly record: PluginCredentialRecord; readonly data: Secret }[],
  refreshed: PluginsParts['refreshed'],
): readonly Provider[] {
  const byPlugin = Map.groupBy(rows, ({ record }) => record.pluginId);
  return host.registry.list({ enabled: true }).flatMap(({ manifest }): readonly Provider[] => {
    const unit = host.get(manifest.name);
    if (unit === undefined || manifest.provider === undefined) return [];
    const own = byPlugin.get(manifest.name) ?? [];
    unit.setCredentials(own.map(({ record }) => shownRow(record)));
    const wanted = own.filter(({ record }) => record.enabled);
    if (wanted.length === 0) return [];
    // Where all have ended the provider stays: requests are told that, and not that there is no such model.
    const usable = wanted.filter(({ record }) => record.status.type === 'active');
    return [
      createProvider(
        { manifest, port: unit.port, credentials: usable.map(credentialOf), learnSecret: unit.learnSecret, refreshed },
        knownOf(
          unit,
          usable.map(({ record }) => record.id),
        ),
      ),
    ];
  });
}

function credentialOf({
  record,
  data,
}: {
  readonly record: PluginCredentialRecord;
  readonly data: Secret;
}): Credential {
  const { id, name, identity, weight } = record;
  return {
    id,
    label: name ?? identity?.label ?? identity?.account ?? id,
    secret: data,
    ...(weight === undefined ? {} : { weight }),
  };
}

/** The program of a process of its own: beside the built server, in its own package among the sources. */
function programPath(name: string): string {
  const beside = workerUrl(name);
  return (
    beside.pathname.endsWith('.ts') ? new URL(import.meta.resolve('@proxycast/plugin-host/database-process')) : beside
  ).pathname;
}

function foldersOf({ userHome, environment }: PluginsParts['system']): PluginHostParts['folders'] {
  const named = {
    xdgData: environment['XDG_DATA_HOME'],
    xdgConfig: environment['XDG_CONFIG_HOME'],
    appData: environment['APPDATA'],
    localAppData: environment['LOCALAPPDATA'],
  };
  return {
    home: userHome,
    ...Object.fromEntries(Object.entries(named).filter(([, path]) => path !== undefined && path !== '')),
  };
}

function shownRow(record: PluginCredentialRecord): CredentialRow {
  const { usageCount, errorCount, lastUsedAt } = record.stats;
  return {
    id: record.id,
    auth_type: record.authType,
    name: record.name ?? null,
    status: record.enabled ? record.status.type : 'disabled',
    stats: JSON.stringify({ usage_count: usageCount, error_count: errorCount, last_used_at: lastUsedAt ?? null }),
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}
