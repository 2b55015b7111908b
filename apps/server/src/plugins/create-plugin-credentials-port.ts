import type { PluginCredentialChange, PluginsPort } from '@proxycast/admin-api';
import type { CredentialPool, RefreshOutcome } from '@proxycast/credentials';
import type { PluginHost } from '@proxycast/plugin-host';
import {
  ConflictError,
  type CredentialId,
  type EpochMs,
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
} from '@proxycast/spec/plugin';
import type { Storage } from '@proxycast/storage';
import type { PluginRefresh } from './create-plugin-refresh.ts';
import { endedBy } from './exchange-plugin-token.ts';
import { showCredential } from './show-plugin.ts';
import { wrongField } from './wrong-field.ts';

export interface PluginCredentialsPortParts {
  readonly storage: Pick<Storage, 'plugins' | 'pluginCredentials'>;
  readonly open: () => Promise<PluginHost>;
  readonly pool: Pick<CredentialPool, 'stateOf' | 'reset'>;
  readonly refresh: PluginRefresh['refresh'];
  readonly now: () => EpochMs;
  readonly newId: () => string;
}

type PluginCredentialsPort = Pick<
  PluginsPort,
  | 'listCredentials'
  | 'addCredential'
  | 'refreshCredential'
  | 'changeCredential'
  | 'validateCredential'
  | 'removeCredential'
>;

interface CredentialCheck {
  readonly ok: boolean;
  readonly message: string | null;
}

/** What the admin API offers of the logins of plugins. */
export function createPluginCredentialsPort(parts: PluginCredentialsPortParts): PluginCredentialsPort {
  const { storage, open, pool, now, newId } = parts;

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

  return {
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
