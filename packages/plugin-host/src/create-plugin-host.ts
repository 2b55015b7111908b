import { PluginError } from '@proxycast/spec';
import type { PluginPlatform } from '@proxycast/spec/plugin';
import type { PluginLogEntry, PluginNotice } from './broker/create-broker.ts';
import { type FolderChange, type PluginLoader, startPluginLoader } from './loader/plugin-loader.ts';
import type { FolderReading } from './loader/read-plugin-folder.ts';
import { createPluginUnit, type PluginRecord, type PluginUnit, type PluginUnitParts } from './plugin-unit.ts';
import type { ExitReason } from './process/exit-reason.ts';
import type { SupervisorState } from './process/plugin-supervisor.ts';
import { createPluginRegistry, type PluginRegistry } from './registry/plugin-registry.ts';

export interface PluginHostParts extends Omit<PluginUnitParts, 'platform'> {
  /** Where plugins are installed. */
  readonly folder: string;
  readonly platform: PluginPlatform | undefined;
  /** What is recorded of a plugin; `undefined` for one that nobody installed: it is listed, and not started. */
  readonly recordOf: (name: string) => Promise<(PluginRecord & { readonly enabled: boolean }) | undefined>;
  readonly log: (plugin: string, entry: PluginLogEntry) => void;
  readonly notify: (plugin: string, notice: PluginNotice) => void;
  readonly emit: (plugin: string, name: string, payload: unknown) => void;
  readonly onState: (plugin: string, state: SupervisorState) => void;
  readonly onExit?: (plugin: string, reason: ExitReason) => void;
  readonly settleMs?: number;
}

/** All plugins of one host. */
export interface PluginHost extends AsyncDisposable {
  readonly registry: PluginRegistry;
  /** The running part of an enabled plugin, by its name or its provider's id. */
  get(nameOrProviderId: string): PluginUnit | undefined;
  /** Folders that hold no plugin that can be used, and why. */
  faulty(): readonly (FolderReading & { readonly type: 'faulty' })[];
  /** Starts or stops it, and what is running may end. Answers false when there is no such plugin. */
  setEnabled(name: string, enabled: boolean): Promise<boolean>;
  /** Reads the folder now, and waits until everything found is started or has failed to. */
  rescan(): Promise<void>;
}

/** Reads the folder of plugins and starts those that are enabled, at once, not one after the other. */
export async function startPluginHost(parts: PluginHostParts): Promise<PluginHost> {
  const registry = createPluginRegistry();
  const units = new Map<string, PluginUnit>();
  const faulty = new Map<string, FolderReading & { readonly type: 'faulty' }>();
  /** Changes of one plugin follow each other; those of different ones do not wait. */
  const lanes = new Map<string, Promise<void>>();

  function inLane(name: string, work: () => Promise<void>): Promise<void> {
    const next = (lanes.get(name) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      parts.log(name, { level: 'error', message: error instanceof Error ? error.message : 'It failed.' });
    });
    lanes.set(name, next);
    return next;
  }

  async function stop(name: string): Promise<void> {
    const unit = units.get(name);
    units.delete(name);
    await unit?.[Symbol.asyncDispose]();
  }

  async function apply(reading: FolderReading): Promise<void> {
    const { name } = reading;
    await stop(name);
    registry.unregister(name);
    faulty.delete(name);
    if (reading.type === 'faulty') {
      faulty.set(name, reading);
      const words = reading.faults.map(({ field, message }) => `${field} ${message}`.trim());
      parts.log(name, { level: 'error', message: `The plugin cannot be used: ${words.join(' ')}` });
      return;
    }
    const record = await parts.recordOf(name);
    const { manifest, folder, config } = reading;
    registry.register({ manifest, folder, config, enabled: record?.enabled ?? false });
    for (const { field, message } of reading.warnings)
      parts.log(name, { level: 'warn', message: `${field} ${message}` });
    if (record?.enabled === true) await start(name);
  }

  async function start(name: string): Promise<void> {
    const plugin = registry.get(name);
    // A plugin of type `protocol` is data: there is nothing to start.
    if (plugin?.manifest.entry === undefined) return;
    const unit = createPluginUnit(
      { ...parts, platform: parts.platform ?? process.platform },
      {
        manifest: plugin.manifest,
        folder: plugin.folder,
        async record() {
          const record = await parts.recordOf(name);
          if (record === undefined) throw notInstalled(name);
          return record;
        },
        log: (entry) => parts.log(name, entry),
        notify: (notice) => parts.notify(name, notice),
        emit: (event, payload) => parts.emit(name, event, payload),
        onState: (state) => parts.onState(name, state),
        onExit: (reason) => parts.onExit?.(name, reason),
      },
    );
    units.set(name, unit);
    await unit.supervisor.start();
  }

  function onChanges(changes: readonly FolderChange[]): void {
    for (const change of changes) {
      if (change.type !== 'removed') void inLane(change.reading.name, () => apply(change.reading));
      else {
        const { name } = change;
        void inLane(name, async () => {
          await stop(name);
          registry.unregister(name);
          faulty.delete(name);
        });
      }
    }
  }

  const loader: PluginLoader = await startPluginLoader({
    folder: parts.folder,
    context: { hostVersion: parts.hostVersion, platform: parts.platform },
    onChanges,
    onFault: (message) => parts.log('', { level: 'warn', message }),
    ...(parts.settleMs === undefined ? {} : { settleMs: parts.settleMs }),
  });
  const settled = async (): Promise<void> => void (await Promise.all(lanes.values()));
  await settled();

  return {
    registry,
    get(nameOrProviderId) {
      const name = registry.get(nameOrProviderId)?.manifest.name;
      return name === undefined ? undefined : units.get(name);
    },
    faulty: () => [...faulty.values()],
    async setEnabled(name, enabled) {
      if (registry.setEnabled(name, enabled) === undefined) return false;
      await inLane(name, async () => {
        await stop(name);
        if (enabled) await start(name);
      });
      return true;
    },
    async rescan() {
      await loader.scan();
      await settled();
    },
    async [Symbol.asyncDispose]() {
      await loader[Symbol.asyncDispose]();
      await settled();
      await Promise.all([...units.keys()].map(stop));
    },
  };
}

const notInstalled = (name: string): PluginError =>
  new PluginError({
    plugin: name,
    code: 'plugin_changed',
    message: `Nobody installed the plugin ${name}: its files are known to no record. Install it.`,
  });
