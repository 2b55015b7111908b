import type { BoundaryAnswer, PluginAnswer, PluginCredentialAnswer, PluginInspection } from '@proxycast/console-api';
import type { CredentialPool } from '@proxycast/credentials';
import type { BoundaryReport, FolderReading, RegisteredPlugin, SupervisorState } from '@proxycast/plugin-host';
import { type InstalledPluginRecord, type PluginCredentialRecord, unreachable } from '@proxycast/spec';
import type { PluginManifest } from '@proxycast/spec/plugin';

type State = PluginAnswer['state'];
/** A state with nothing to say of it. */
export const plain = (type: State['type'], crashes = 0): State => ({ type, reason: null, until: null, crashes });

/** What one that runs, or should, is doing. */
export function showState(state: SupervisorState, crashes: number): State {
  switch (state.type) {
    case 'stopped':
      return plain('disabled', crashes);
    case 'starting':
    case 'running':
      return plain(state.type, crashes);
    case 'draining':
      return plain('stopping', crashes);
    case 'resting':
      return { type: 'resting', reason: state.why, until: state.until, crashes };
    case 'failed':
      return { type: 'failed', reason: state.error.publicMessage, until: null, crashes };
    default:
      return unreachable(state);
  }
}

export function showPlugin(
  plugin: RegisteredPlugin,
  record: InstalledPluginRecord | undefined,
  running: { readonly state: SupervisorState; readonly crashes: number } | undefined,
): PluginAnswer {
  const { manifest } = plugin;
  return {
    name: manifest.name,
    display_name: manifest.provider?.display_name ?? manifest.name,
    version: manifest.version,
    description: manifest.description ?? null,
    plugin_type: manifest.plugin_type,
    enabled: record?.enabled ?? false,
    state: stateOf(record, running),
    provider: showProvider(manifest),
    asks: asksOf(manifest),
    consent: record === undefined ? null : copied(record.consent),
    config_schema: manifest.config_schema ?? null,
    source: record === undefined ? null : { ...record.source },
    created_at: record?.createdAt ?? null,
    updated_at: record?.updatedAt ?? null,
  };
}

function stateOf(
  record: InstalledPluginRecord | undefined,
  running: { readonly state: SupervisorState; readonly crashes: number } | undefined,
): State {
  if (record === undefined) {
    return { ...plain('not_installed'), reason: 'Nobody consented to it yet: install it from its folder.' };
  }
  return running === undefined ? plain('disabled') : showState(running.state, running.crashes);
}

/** One that nobody installed yet. `replaces`: the version that is installed. */
export function showInspection(manifest: PluginManifest, replaces: string | undefined): PluginInspection {
  const { name, version, description, author, plugin_type, runtime, provider } = manifest;
  return {
    name,
    version,
    description: description ?? null,
    author: author ?? null,
    plugin_type,
    runtime: runtime ?? null,
    notice: showNotice(provider),
    asks: asksOf(manifest),
    replaces: replaces ?? null,
  };
}

/** A folder that holds no plugin that can be used. */
export function showFaulty({ name, faults }: FolderReading & { readonly type: 'faulty' }): PluginAnswer {
  return {
    name,
    display_name: name,
    version: null,
    description: null,
    plugin_type: null,
    enabled: false,
    state: {
      ...plain('faulty'),
      reason: faults.map(({ field, message }) => `${field} ${message}`.trim()).join(' '),
    },
    provider: null,
    asks: null,
    consent: null,
    config_schema: null,
    source: null,
    created_at: null,
    updated_at: null,
  };
}

/** One that is on record and not in the folder: removed by hand, or from before a restore. */
export function showMissing(record: InstalledPluginRecord): PluginAnswer {
  return {
    name: record.id,
    display_name: record.displayName,
    version: record.version,
    description: null,
    plugin_type: null,
    enabled: record.enabled,
    state: { ...plain('faulty'), reason: 'Its files are not there. Install it again, or remove it.' },
    provider: null,
    asks: null,
    consent: copied(record.consent),
    config_schema: null,
    source: { ...record.source },
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

/** Everything the manifest asks for, as a consent to all of it would be stored. */
export function asksOf({ network = [], files = [], keychain = [] }: PluginManifest): NonNullable<PluginAnswer['asks']> {
  return copied({ network, files, keychain });
}

function copied({ network, files, keychain }: InstalledPluginRecord['consent']): NonNullable<PluginAnswer['asks']> {
  return {
    network: [...network],
    files: [...files],
    keychain: keychain.map(({ service, account }) => (account === undefined ? { service } : { service, account })),
  };
}

function showProvider({ provider }: PluginManifest): PluginAnswer['provider'] {
  if (provider === undefined) return null;
  const { id, display_name, supported_models, auth_types, credential_schema = {} } = provider;
  return {
    id,
    display_name,
    supported_models: [...supported_models],
    auth_types: auth_types.map((type) => ({
      id: type.id,
      display_name: type.display_name,
      description: type.description ?? null,
      category: type.category ?? null,
      schema: credential_schema[type.id] ?? null,
    })),
    notice: showNotice(provider),
  };
}

function showNotice(provider: PluginManifest['provider']): PluginInspection['notice'] {
  const { notice } = provider ?? {};
  return notice === undefined
    ? null
    : { status: notice.status, text: notice.text, since: notice.since ?? null, source: notice.source ?? null };
}

export function showCredential(
  record: PluginCredentialRecord,
  pool: Pick<CredentialPool, 'stateOf'>,
): PluginCredentialAnswer {
  const { identity } = record;
  return {
    id: record.id,
    plugin: record.pluginId,
    auth_type: record.authType,
    name: record.name ?? null,
    identity:
      identity === undefined
        ? null
        : { account: identity.account ?? null, plan: identity.plan ?? null, label: identity.label ?? null },
    enabled: record.enabled,
    weight: record.weight ?? null,
    state: credentialState(record, pool),
    expires_at: record.expiresAt ?? null,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  };
}

/** What is stored goes before what this process has seen. */
function credentialState(
  { id, enabled, status }: PluginCredentialRecord,
  pool: Pick<CredentialPool, 'stateOf'>,
): PluginCredentialAnswer['state'] {
  if (!enabled) return { type: 'disabled', until: null, reason: 'A person disabled it.' };
  const state = status.type === 'active' ? pool.stateOf(id) : status;
  switch (state.type) {
    case 'active':
      return { type: 'active', until: null, reason: null };
    case 'cooldown':
      return { type: 'cooldown', until: state.until, reason: `It rests after a failure of the kind ${state.cause}.` };
    case 'unhealthy':
      return {
        type: 'unhealthy',
        until: state.nextProbeAt,
        reason: `It failed ${state.strikes} times in a row, last with ${state.cause}; one request will try it then.`,
      };
    case 'disabled':
    case 'needs_login':
      return { type: state.type, until: null, reason: state.reason };
    case 'suspended':
      return { type: 'suspended', until: null, reason: state.words };
    default:
      return unreachable(state);
  }
}

export function showBoundary(report: BoundaryReport, open: BoundaryAnswer['open']): BoundaryAnswer {
  const { outer, protections } = report;
  return {
    outer:
      outer.type === 'none'
        ? { type: 'none', version: null, why: outer.why }
        : { type: outer.type, version: outer.version, why: null },
    protections: { ...protections },
    open: [...open],
  };
}
