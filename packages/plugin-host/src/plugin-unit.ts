import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type EpochMs, PluginError } from '@proxycast/spec';
import { PLUGIN_CONTRACT_VERSION, type PluginManifest } from '@proxycast/spec/plugin';
import { createLaunchPlan, DEFAULT_MEMORY, type MemoryBounds } from './boundary/launch-plan.ts';
import type { OuterBoundary } from './boundary/outer-boundary.ts';
import { type Broker, createBroker, type PluginLogEntry, type PluginNotice } from './broker/create-broker.ts';
import { createFileAccess } from './broker/file-access.ts';
import { createGrants, type Grants, type KeychainItem, type PluginConsent } from './broker/grants.ts';
import type { SendHttp } from './broker/http-request.ts';
import { createFileKvStore } from './broker/kv-store.ts';
import { createPluginCipher, derivePluginKey } from './broker/plugin-cipher.ts';
import { createSecretRedactor } from './broker/secret-redactor.ts';
import { createPluginDatabase, type PluginDatabase } from './database/plugin-database.ts';
import type { CredentialRow } from './database/sql-messages.ts';
import { type FileDigests, verifyFiles } from './loader/verify-files.ts';
import type { KnownFolders } from './manifest/file-pattern.ts';
import type { ExitReason } from './process/exit-reason.ts';
import { type HealthSettings, type PluginProcess, startPluginProcess } from './process/plugin-process.ts';
import { createPluginSupervisor, type PluginSupervisor, type SupervisorState } from './process/plugin-supervisor.ts';
import { createPluginPort, type PluginPort } from './upstream/plugin-port.ts';

/** What a person and the host's own records say of a plugin; asked anew at each start. */
export interface PluginRecord {
  /** As they were at install. Without them nothing is started: nobody knows what it would be. */
  readonly digests: FileDigests;
  readonly consent: PluginConsent;
  readonly settings: Readonly<Record<string, unknown>>;
  /** `timeout_ms` of its configuration; absent: the contract's deadlines. */
  readonly timeoutMs?: number;
  /** A person trusts this executable where there is no outer boundary. */
  readonly isTrustedBinary?: boolean;
}

/** The machine and the host, the same for all plugins. */
export interface PluginUnitParts {
  readonly node: string;
  readonly outer: OuterBoundary;
  readonly databaseProgram: string;
  /** Private files of all plugins; each has a folder in it. */
  readonly dataFolder: string;
  /** 32 bytes or more; keys of plugins are derived from it. */
  readonly secret: Uint8Array;
  readonly hostVersion: string;
  readonly platform: string;
  readonly locale: () => string;
  readonly folders: KnownFolders;
  /** Folders nothing may be read from, whatever was granted: the host's own. */
  readonly ownFolders: readonly string[];
  readonly send: SendHttp;
  readonly readKeychain?: (item: KeychainItem) => Promise<string | undefined>;
  readonly now: () => EpochMs;
  readonly random: () => number;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
  readonly memory?: MemoryBounds;
  readonly health?: Partial<HealthSettings>;
}

export interface PluginUnitInput {
  readonly manifest: PluginManifest;
  readonly folder: string;
  readonly record: () => Promise<PluginRecord>;
  readonly log: (entry: PluginLogEntry) => void;
  readonly notify: (notice: PluginNotice) => void;
  /** To the plugin's own screens. */
  readonly emit: (name: string, payload: unknown) => void;
  readonly onState: (state: SupervisorState) => void;
  readonly onExit?: (reason: ExitReason) => void;
}

/** One installed plugin: its process when it runs, what it may do, and its port for the gateway. */
export interface PluginUnit extends AsyncDisposable {
  readonly manifest: PluginManifest;
  readonly supervisor: PluginSupervisor;
  readonly port: PluginPort;
  /** New settings reach the running process. Throws PluginError. */
  updateSettings(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** What `plugin_credentials` shows. */
  setCredentials(rows: readonly CredentialRow[]): void;
  /** From one of its own screens. */
  deliver(name: string, payload: unknown): void;
  /** A secret it is given: from now on its log shows none of it. */
  learnSecret(data: unknown): void;
}

/** Files of the host's own making in a plugin's folder. */
const IGNORED_FILES = ['config.json'];

export function createPluginUnit(parts: PluginUnitParts, input: PluginUnitInput): PluginUnit {
  const { manifest, folder, log } = input;
  const { name } = manifest;
  const dataFolder = join(parts.dataFolder, name);
  const redactor = createSecretRedactor();
  let grants: Grants = createGrants({
    manifest: {},
    consent: { network: [], files: [], keychain: [] },
    folders: parts.folders,
  });
  let record: PluginRecord | undefined;
  let broker: Broker | undefined;

  const files = createFileAccess(() => grants, parts.ownFolders);
  const kv = createFileKvStore({
    path: join(dataFolder, 'kv.sealed'),
    cipher: createPluginCipher(derivePluginKey(parts.secret, name, 'kv')),
  });
  const cipher = createPluginCipher(derivePluginKey(parts.secret, name, 'crypto'));
  const database: PluginDatabase = createPluginDatabase({
    folder: join(dataFolder, 'database'),
    program: parts.databaseProgram,
    node: parts.node,
    outer: parts.outer,
  });

  function applyRecord(next: PluginRecord): void {
    record = next;
    grants = createGrants({
      manifest,
      consent: next.consent,
      folders: parts.folders,
      endpoints: next.settings['endpoints'],
    });
    port.dropLeases();
  }

  async function start(): Promise<PluginProcess> {
    const current = await input.record();
    applyRecord(current);
    const realFolder = await realpath(folder);
    await verify(realFolder, current.digests);
    const { entry, runtime } = manifest;
    if (entry === undefined || runtime === undefined) throw cannotStart('it has no entry');
    if (runtime === 'binary' && parts.outer.type === 'none' && current.isTrustedBinary !== true) {
      throw new PluginError({
        plugin: name,
        code: 'plugin_not_trusted',
        message: `The plugin ${name} is not started: it is an executable, and this system has no outer boundary (${parts.outer.why}). Install one, or say that you trust this plugin.`,
      });
    }
    const memory = parts.memory ?? DEFAULT_MEMORY;
    const plan = createLaunchPlan({ folder: realFolder, entry, runtime, node: parts.node, outer: parts.outer, memory });
    const ownBroker = createBroker({
      grants: () => grants,
      send: parts.send,
      files,
      ...(parts.readKeychain === undefined ? {} : { readKeychain: parts.readKeychain }),
      kv,
      database,
      cipher,
      emit: input.emit,
      log,
      notify: input.notify,
      redact: redactor.redact,
      now: parts.now,
    });
    try {
      const process = await startPluginProcess({
        name,
        plan,
        memory,
        initialize: {
          contract_version: PLUGIN_CONTRACT_VERSION,
          host_version: parts.hostVersion,
          locale: parts.locale(),
          settings: current.settings,
          platform: parts.platform,
        },
        onCall: ownBroker.onCall,
        onNotification: ownBroker.onNotification,
        onLog: (line) => log({ level: 'info', message: redactor.redact(line) }),
        now: parts.now,
        ...(current.timeoutMs === undefined ? {} : { networkDeadlineMs: current.timeoutMs }),
        learn: redactor.learn,
        redact: redactor.redact,
        ...(parts.health === undefined ? {} : { health: parts.health }),
      });
      checkEcho(process);
      ownBroker.connect({
        fileChanged: (id) => process.notify('files.changed', { watch_id: id }),
        event: (event, payload) => process.notify('events.event', { name: event, payload }),
      });
      broker = ownBroker;
      void process.exited.then(() => ownBroker[Symbol.dispose]());
      return process;
    } catch (cause) {
      ownBroker[Symbol.dispose]();
      throw cause;
    }
  }

  async function verify(realFolder: string, expected: FileDigests): Promise<void> {
    const { faults } = await verifyFiles(realFolder, { expected, ignored: IGNORED_FILES });
    if (faults.length === 0) return;
    const shown = faults.slice(0, 5).map(({ path, code }) => `${path} (${code})`);
    throw new PluginError({
      plugin: name,
      code: 'plugin_changed',
      message: `The plugin ${name} is not started: its files are not those that were installed: ${shown.join(', ')}. Install it again.`,
    });
  }

  function checkEcho(process: PluginProcess): void {
    const { provider_id: said } = process.capabilities;
    const expected = manifest.provider?.id;
    if (said === expected) return;
    process.kill({ type: 'stopped' });
    throw new PluginError({
      plugin: name,
      code: 'plugin_contract',
      message: `The plugin ${name} says it is the provider ${said ?? 'of nothing'}, its manifest says ${expected ?? 'it is none'}. Build it again.`,
    });
  }

  const cannotStart = (why: string): PluginError =>
    new PluginError({
      plugin: name,
      code: 'plugin_cannot_start',
      message: `The plugin ${name} is not started: ${why}.`,
    });

  const supervisor = createPluginSupervisor({
    name,
    start,
    now: parts.now,
    random: parts.random,
    setTimer: parts.setTimer,
    onState: input.onState,
    ...(input.onExit === undefined ? {} : { onExit: input.onExit }),
  });
  const port = createPluginPort({
    plugin: name,
    supervisor,
    grants: () => grants,
    now: parts.now,
    setTimer: parts.setTimer,
  });

  return {
    manifest,
    supervisor,
    port,
    async updateSettings(settings) {
      if (record !== undefined) applyRecord({ ...record, settings });
      if (supervisor.state.type === 'running') await supervisor.call('config.update', { settings });
    },
    setCredentials: database.setCredentials,
    deliver: (event, payload) => broker?.deliver(event, payload),
    learnSecret: redactor.learn,
    async [Symbol.asyncDispose]() {
      await supervisor.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}
