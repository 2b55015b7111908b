import { rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PluginsPort } from '@proxycast/admin-api';
import type { PluginAnswer, PluginConfigAnswer, PluginConsent } from '@proxycast/console-api';
import type { FolderReading, PluginHost } from '@proxycast/plugin-host';
import { ConflictError, type InstalledPluginRecord, InvalidRequestError, type JsonObject } from '@proxycast/spec';
import { findSchemaFaults, type PluginManifest } from '@proxycast/spec/plugin';
import { createPluginCredentialsPort, type PluginCredentialsPortParts } from './create-plugin-credentials-port.ts';
import type { PluginsParts } from './create-plugins.ts';
import { placePlugin } from './place-plugin.ts';
import { pluginPlatformOf } from './plugin-platform.ts';
import { hideSecrets, keepSecrets } from './secret-settings.ts';
import { asksOf, showBoundary, showFaulty, showInspection, showMissing, showPlugin } from './show-plugin.ts';
import { wrongField } from './wrong-field.ts';

export interface PluginsPortParts extends PluginCredentialsPortParts {
  readonly folder: string;
  readonly dataFolder: string;
  readonly version: string;
  readonly system: PluginsParts['system'];
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** What the admin API offers of plugins. */
export function createPluginsPort(parts: PluginsPortParts): PluginsPort {
  const { storage, open, folder, now, newId } = parts;
  const inTurn = createTurns();

  async function show(host: PluginHost, name: string): Promise<PluginAnswer | undefined> {
    const plugin = host.registry.get(name);
    if (plugin?.manifest.name !== name) return undefined;
    return showPlugin(plugin, await storage.plugins.get(name), host.get(name)?.supervisor);
  }

  /** Throws InvalidRequestError with everything that is wrong. The folder may have any name: the copy gets the plugin's. */
  async function readFolder(from: string): Promise<FolderReading & { readonly type: 'plugin' }> {
    const { readPluginFolder } = await import('@proxycast/plugin-host');
    const reading = await readPluginFolder(
      from,
      { hostVersion: parts.version, platform: pluginPlatformOf(parts.system.platform, parts.system.arch) },
      { anyName: true },
    );
    if (reading.type === 'plugin') return reading;
    const words = reading.faults.map(({ field, message }) => `${field} ${message}`.trim()).join(' ');
    throw new InvalidRequestError({
      code: 'plugin_manifest_invalid',
      message: `This folder holds no plugin that can be installed. ${words}`,
      field: 'source.path',
    });
  }

  return {
    ...createPluginCredentialsPort(parts),

    async list() {
      const host = await open();
      const records = new Map((await storage.plugins.list()).map((record) => [record.id, record]));
      const known = host.registry.list().map((plugin) => {
        const { name } = plugin.manifest;
        return showPlugin(plugin, records.get(name), host.get(name)?.supervisor);
      });
      const found = [...known, ...host.faulty().map(showFaulty)];
      const missing = [...records.values()].filter(({ id }) => !found.some(({ name }) => name === id));
      return [...found, ...missing.map(showMissing)].sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async boundary() {
      const { findOuterBoundary, probeBoundary, openProtections } = await import('@proxycast/plugin-host');
      const outer = await findOuterBoundary({
        platform: parts.system.platform,
        path: parts.system.environment['PATH'] ?? '',
      });
      const report = await probeBoundary({ node: process.execPath, nodeVersion: process.versions.node, outer });
      return showBoundary(report, [...openProtections(report)]);
    },

    async inspect({ path }) {
      const { manifest } = await readFolder(await folderOf(path));
      const before = await storage.plugins.get(manifest.name);
      return showInspection(manifest, before?.version);
    },

    async install({ path }, consent) {
      const host = await open();
      const { verifyFiles } = await import('@proxycast/plugin-host');
      const from = await folderOf(path);
      const { manifest, config } = await readFolder(from);
      const { name } = manifest;
      if (!isConsented(manifest, consent)) throw consentRequired(manifest);
      return await inTurn(name, async () => {
        const placed = await placePlugin({ from, folder, name, id: newId(), verify: verifyFiles });
        const before = await storage.plugins.get(name);
        const at = now();
        try {
          // The record first: files without one are never started.
          await storage.plugins.put({
            id: name,
            displayName: manifest.provider?.display_name ?? name,
            version: manifest.version,
            enabled: before?.enabled ?? config.enabled ?? true,
            timeoutMs: before?.timeoutMs ?? config.timeout_ms ?? DEFAULT_TIMEOUT_MS,
            settings: before?.settings ?? config.settings ?? {},
            consent: asksOf(manifest),
            digests: placed.digests,
            source: { type: 'file', path: from },
            createdAt: at,
            updatedAt: at,
          });
          await placed.commit();
        } catch (cause) {
          await placed.discard();
          // What is there still is what was there.
          await (before === undefined ? storage.plugins.delete(name) : storage.plugins.put(before));
          throw cause;
        }
        await host.rescan();
        const shown = await show(host, name);
        if (shown === undefined) throw new Error(`The plugin ${name} is not there after its install.`);
        return shown;
      });
    },

    async setEnabled(name, enabled) {
      const host = await open();
      if ((await storage.plugins.update(name, { enabled }, now())) === undefined) return undefined;
      await host.setEnabled(name, enabled);
      return await show(host, name);
    },

    async verify(name) {
      const record = await storage.plugins.get(name);
      if (record === undefined) return undefined;
      const { verifyFiles } = await import('@proxycast/plugin-host');
      const { faults } = await verifyFiles(join(folder, name), { expected: record.digests, ignored: ['config.json'] });
      return { ok: faults.length === 0, faults: faults.map(({ path, code }) => ({ path, code })) };
    },

    async config(name) {
      const host = await open();
      const record = await storage.plugins.get(name);
      return record && showConfig(record, host.registry.get(name)?.manifest);
    },

    async configure(name, changes) {
      const host = await open();
      const plugin = host.registry.get(name);
      if (plugin === undefined) return undefined;
      const before = await storage.plugins.get(name);
      if (before === undefined) return undefined;
      const { manifest } = plugin;
      const settings =
        changes.settings === undefined
          ? before.settings
          : keepSecrets(manifest.config_schema, changes.settings, before.settings);
      checkSettings(manifest, settings);
      const record = await storage.plugins.update(name, { ...changes, settings }, now());
      if (record === undefined) return undefined;
      await host.get(name)?.updateSettings(record.settings);
      return showConfig(record, manifest);
    },

    async remove(name) {
      const host = await open();
      return await inTurn(name, async () => {
        if (!(await storage.plugins.delete(name))) return false;
        await host.setEnabled(name, false);
        await rm(join(folder, name), { recursive: true, force: true });
        await rm(join(parts.dataFolder, name), { recursive: true, force: true });
        await host.rescan();
        return true;
      });
    },
  };
}

/** The folder that a person named, by itself or by the manifest in it. Throws InvalidRequestError. */
async function folderOf(path: string): Promise<string> {
  const folder = basename(path) === 'plugin.json' ? dirname(path) : path;
  const isFolder = isAbsolute(folder) && (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return folder;
  throw new InvalidRequestError({
    code: 'plugin_path_invalid',
    message: 'path has to be the absolute path of a plugin’s folder, or of the plugin.json in it.',
    field: 'source.path',
  });
}

/** Whether a person said yes to all of it; the manifest may have changed since it was shown. */
function isConsented(manifest: PluginManifest, consent: PluginConsent): boolean {
  if (typeof consent === 'boolean') return consent;
  const asks = asksOf(manifest);
  const isIn = <Item>(items: readonly Item[], allowed: readonly Item[]): boolean =>
    items.every((item) => allowed.some((one) => isDeepStrictEqual(one, item)));
  return (
    isIn(asks.network, consent.network) && isIn(asks.files, consent.files) && isIn(asks.keychain, consent.keychain)
  );
}

function consentRequired(manifest: PluginManifest): ConflictError {
  const { network, files, keychain } = asksOf(manifest);
  const lists = [
    ['network', network],
    ['files', files],
    ['keychain', keychain.map(({ service }) => service)],
  ] as const;
  const asks = lists.filter(([, items]) => items.length > 0).map(([what, items]) => `${what}: ${items.join(', ')}`);
  const notice = manifest.provider?.notice;
  return new ConflictError({
    code: 'consent_required',
    message: `The plugin ${manifest.name} ${manifest.version} by ${manifest.author ?? 'an unnamed author'} asks for ${
      asks.length === 0 ? 'nothing outside its folder' : asks.join('; ')
    }.${notice === undefined ? '' : ` Notice (${notice.status}): ${notice.text}`} Send consent: true to install it.`,
    field: 'consent',
  });
}

function showConfig(record: InstalledPluginRecord, manifest: PluginManifest | undefined): PluginConfigAnswer {
  const settings = hideSecrets(manifest?.config_schema, record.settings);
  return { enabled: record.enabled, timeout_ms: record.timeoutMs, settings: { ...settings } };
}

function checkSettings({ config_schema }: PluginManifest, settings: JsonObject): void {
  const [fault] = config_schema === undefined ? [] : findSchemaFaults(config_schema, settings, { patterns: false });
  if (fault === undefined) return;
  throw wrongField('settings', fault);
}

/** Of one plugin one change of its files after the other; those of different ones do not wait. */
function createTurns() {
  const lasts = new Map<string, Promise<unknown>>();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const before = lasts.get(name);
    // Whoever began the one before is told how it ended.
    const turn = (before ?? Promise.resolve()).catch(() => undefined).then(work);
    lasts.set(name, turn);
    try {
      return await turn;
    } finally {
      if (lasts.get(name) === turn) lasts.delete(name);
    }
  };
}
