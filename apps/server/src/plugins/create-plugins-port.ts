import { rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { PluginCredentialChange, PluginsPort } from '@proxycast/admin-api';
import type { PluginAnswer, PluginConfigAnswer, PluginConsent } from '@proxycast/console-api';
import type { CredentialPool, RefreshOutcome } from '@proxycast/credentials';
import type { FolderReading, PluginHost } from '@proxycast/plugin-host';
import {
  ConflictError,
  type CredentialId,
  type EpochMs,
  type InstalledPluginRecord,
  InvalidRequestError,
  type JsonObject,
  type PluginCredentialRecord,
  parseCredentialId,
  Secret,
  unreachable,
} from '@proxycast/spec';
import {
  type CredentialCondition,
  findSchemaFaults,
  type PluginCredential,
  type PluginManifest,
  type SchemaFault,
} from '@proxycast/spec/plugin';
import type { Storage } from '@proxycast/storage';
import type { PluginRefresh } from './create-plugin-refresh.ts';
import { endedBy } from './exchange-plugin-token.ts';
import { placePlugin } from './place-plugin.ts';
import { pluginPlatformOf } from './plugin-platform.ts';
import { hideSecrets, keepSecrets } from './secret-settings.ts';
import {
  asksOf,
  showBoundary,
  showCredential,
  showFaulty,
  showInspection,
  showMissing,
  showPlugin,
} from './show-plugin.ts';

export interface PluginsPortParts {
  readonly storage: Pick<Storage, 'plugins' | 'pluginCredentials'>;
  readonly open: () => Promise<PluginHost>;
  readonly folder: string;
  readonly dataFolder: string;
  readonly version: string;
  readonly system: { readonly platform: NodeJS.Platform; readonly arch: string };
  readonly pool: Pick<CredentialPool, 'stateOf' | 'reset'>;
  readonly refresh: PluginRefresh['refresh'];
  readonly now: () => EpochMs;
  readonly newId: () => string;
}

const DEFAULT_TIMEOUT_MS = 30_000;

interface CredentialCheck {
  readonly ok: boolean;
  readonly message: string | null;
}

/** What the admin API offers of plugins. */
export function createPluginsPort(parts: PluginsPortParts): PluginsPort {
  const { storage, open, folder, pool, now, newId } = parts;

  async function show(host: PluginHost, name: string): Promise<PluginAnswer | undefined> {
    const plugin = host.registry.get(name);
    if (plugin?.manifest.name !== name) return undefined;
    return showPlugin(plugin, await storage.plugins.get(name), host.get(name)?.supervisor);
  }

  async function credentialOf(name: string, id: CredentialId): Promise<PluginCredentialRecord | undefined> {
    const record = await storage.pluginCredentials.get(id);
    return record?.pluginId === name ? record : undefined;
  }

  async function dataOf(host: PluginHost, name: string, id: CredentialId) {
    const row = await storage.pluginCredentials.getWithData(id);
    const unit = host.get(name);
    if (row === undefined || unit === undefined) {
      throw new ConflictError({
        code: 'plugin_not_running',
        message: `The plugin ${name} cannot be asked: it does not run, or the credential cannot be read.`,
      });
    }
    const stored: Omit<PluginCredential, 'id'> = JSON.parse(row.data.reveal());
    const credential: PluginCredential = { id, ...stored };
    return { unit, credential };
  }

  async function refresh(id: CredentialId): Promise<CredentialCheck> {
    return showRefresh(await parts.refresh(id, 'person'));
  }

  /** What the plugin says its credential has become, where that outlasts a rest. */
  async function noteCondition(id: CredentialId, condition: CredentialCondition | undefined): Promise<void> {
    const status = condition === undefined ? undefined : endedBy(condition);
    if (status !== undefined) await storage.pluginCredentials.update(id, { status }, now());
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
        path: process.env['PATH'] ?? '',
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
      const placed = await placePlugin({ from, folder, name, id: newId(), verify: verifyFiles });
      try {
        const before = await storage.plugins.get(name);
        const at = now();
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
        throw cause;
      }
      await host.rescan();
      const shown = await show(host, name);
      if (shown === undefined) throw new Error(`The plugin ${name} is not there after its install.`);
      return shown;
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
      if (!(await storage.plugins.delete(name))) return false;
      await host.setEnabled(name, false);
      await rm(join(folder, name), { recursive: true, force: true });
      await rm(join(parts.dataFolder, name), { recursive: true, force: true });
      await host.rescan();
      return true;
    },

    async listCredentials(name) {
      if ((await storage.plugins.get(name)) === undefined) return undefined;
      return (await storage.pluginCredentials.list(name)).map((record) => showCredential(record, pool));
    },

    async addCredential(name, { authType, config, name: label }) {
      const host = await open();
      const unit = host.get(name);
      if (unit === undefined) {
        if ((await storage.plugins.get(name)) === undefined) return undefined;
        throw new ConflictError({
          code: 'plugin_not_running',
          message: `The plugin ${name} is disabled. Enable it: it reads the credential itself.`,
        });
      }
      checkForm(unit.manifest, authType, config);
      unit.learnSecret(config);
      const { result } = await unit.supervisor.call('credential.parse', { auth_type: authType, form: config });
      if (result.type === 'refused') {
        const [first] = result.faults;
        throw new InvalidRequestError({
          code: 'credential_refused',
          message: result.faults.map(({ message }) => message).join(' '),
          ...(first?.field === undefined ? {} : { field: `config.${first.field}` }),
        });
      }
      const { auth_type, data, expires_at, identity } = result.credential;
      const at = now();
      const record: PluginCredentialRecord = {
        id: parseCredentialId(newId()),
        pluginId: name,
        authType: auth_type,
        ...(label === undefined ? {} : { name: label }),
        ...(identity === undefined ? {} : { identity }),
        enabled: true,
        status: { type: 'active' },
        ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
        version: 1,
        stats: { usageCount: 0, errorCount: 0 },
        createdAt: at,
        updatedAt: at,
      };
      const { renderPluginSecret } = await import('@proxycast/plugin-host');
      const secret = renderPluginSecret({ auth_type, data, ...(expires_at === undefined ? {} : { expires_at }) });
      await storage.pluginCredentials.insert(record, new Secret(secret));
      // Some forms hold only what renews a login.
      if (expires_at !== undefined && expires_at <= at) await refresh(record.id);
      return showCredential((await storage.pluginCredentials.get(record.id)) ?? record, pool);
    },

    async refreshCredential(name, id) {
      if ((await credentialOf(name, id)) === undefined) return undefined;
      return await refresh(id);
    },

    async changeCredential(name, id, change) {
      if ((await credentialOf(name, id)) === undefined) return undefined;
      if (change.type === 'reset') pool.reset(id);
      const record = await storage.pluginCredentials.update(id, changesOf(change), now());
      return record && showCredential(record, pool);
    },

    async validateCredential(name, id) {
      const host = await open();
      if ((await credentialOf(name, id)) === undefined) return undefined;
      const { unit, credential } = await dataOf(host, name, id);
      const { result } = await unit.supervisor.call('credential.validate', { credential });
      if (result.type === 'valid') {
        pool.reset(id);
        return { ok: true, message: null };
      }
      await noteCondition(id, result.condition);
      return { ok: false, message: result.message };
    },

    async removeCredential(name, id) {
      if ((await credentialOf(name, id)) === undefined) return false;
      return await storage.pluginCredentials.delete(id);
    },
  };
}

/** For the person who asked for it. */
function showRefresh(outcome: RefreshOutcome): CredentialCheck {
  switch (outcome.type) {
    case 'refreshed':
    case 'current':
    case 'adopted':
      return { ok: true, message: null };
    case 'postponed':
      return { ok: false, message: outcome.message ?? 'It failed a moment ago and is tried again by itself.' };
    case 'ended':
      return { ok: false, message: outcome.status.type === 'suspended' ? outcome.status.words : outcome.status.reason };
    case 'busy':
      return { ok: false, message: 'Another process is renewing it and did not come to an end. Try again.' };
    case 'gone':
      return { ok: false, message: 'It was removed meanwhile.' };
    default:
      return unreachable(outcome);
  }
}

function changesOf(change: PluginCredentialChange) {
  switch (change.type) {
    case 'enable':
      return { enabled: true };
    case 'disable':
      return { enabled: false };
    case 'reset':
      return { status: { type: 'active' } } as const;
    case 'fields': {
      const { type: _, ...fields } = change;
      return fields;
    }
  }
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

function checkForm({ provider, name }: PluginManifest, authType: string, form: JsonObject): void {
  const type = provider?.auth_types.find(({ id }) => id === authType);
  if (type === undefined) {
    throw new InvalidRequestError({
      message: `The plugin ${name} has no auth type of that id. It has: ${provider?.auth_types.map(({ id }) => id).join(', ') ?? 'none'}.`,
      field: 'auth_type',
    });
  }
  const schema = provider?.credential_schema?.[authType];
  const [fault] = schema === undefined ? [] : findSchemaFaults(schema, form, { patterns: false });
  if (fault !== undefined) throw wrongField('config', fault);
}

function wrongField(group: string, { path, message }: SchemaFault): InvalidRequestError {
  const field = path === '' ? group : `${group}.${path}`;
  return new InvalidRequestError({ message: `${field} ${message}.`, field });
}
