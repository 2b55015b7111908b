import type { PluginAnswer, PluginCredentialAnswer } from '@proxycast/console-api';
import { ConflictError } from '@proxycast/spec';
import type { PluginsPort } from '../admin-api-ports.ts';

const PLUGIN: PluginAnswer = {
  name: 'sample',
  display_name: 'Sample',
  version: '1.0.0',
  description: null,
  plugin_type: 'oauth_provider',
  enabled: true,
  state: { type: 'running', reason: null, until: null, crashes: 0 },
  provider: null,
  asks: { network: ['api.example.com'], files: [], keychain: [] },
  consent: null,
  config_schema: null,
  source: null,
  created_at: null,
  updated_at: null,
};

const CREDENTIAL: PluginCredentialAnswer = {
  id: 'c1',
  plugin: 'sample',
  auth_type: 'token',
  name: null,
  identity: null,
  enabled: true,
  weight: null,
  state: { type: 'active', until: null, reason: null },
  expires_at: null,
  created_at: 1,
  updated_at: 1,
};

/** One plugin with one credential. */
export function createFakePlugins(): PluginsPort {
  const has = (name: string): boolean => name === PLUGIN.name;
  const credential = (name: string, id: string) => (has(name) && id === CREDENTIAL.id ? CREDENTIAL : undefined);
  return {
    list: async () => [PLUGIN],
    boundary: async () => ({ outer: { type: 'none', version: null, why: 'A test.' }, protections: HELD, open: [] }),
    inspect: async () => ({
      name: PLUGIN.name,
      version: '1.0.0',
      description: null,
      author: null,
      plugin_type: 'oauth_provider',
      runtime: 'node',
      notice: null,
      asks: { network: ['api.example.com'], files: [], keychain: [] },
      replaces: null,
    }),
    async install(_source, consent) {
      if (consent === false)
        throw new ConflictError({ code: 'consent_required', message: 'It asks for api.example.com.' });
      return PLUGIN;
    },
    setEnabled: async (name, enabled) => (has(name) ? { ...PLUGIN, enabled } : undefined),
    verify: async (name) => (has(name) ? { ok: true, faults: [] } : undefined),
    config: async (name) => (has(name) ? { enabled: true, timeout_ms: 30_000, settings: {} } : undefined),
    configure: async (name, { settings = {}, timeoutMs = 30_000 }) =>
      has(name) ? { enabled: true, timeout_ms: timeoutMs, settings: { ...settings } } : undefined,
    remove: async (name) => has(name),
    listCredentials: async (name) => (has(name) ? [CREDENTIAL] : undefined),
    addCredential: async (name, { authType }) => (has(name) ? { ...CREDENTIAL, auth_type: authType } : undefined),
    changeCredential: async (name, id) => credential(name, id),
    validateCredential: async (name, id) =>
      credential(name, id) === undefined ? undefined : { ok: false, message: 'It has ended.' },
    refreshCredential: async (name, id) =>
      credential(name, id) === undefined ? undefined : { ok: true, message: null },
    removeCredential: async (name, id) => credential(name, id) !== undefined,
  };
}

const held = { runtime: 'holds', outer: 'absent' } as const;
const HELD = {
  files: held,
  links: held,
  writes: held,
  network: held,
  processes: held,
  signals: held,
  sqlite: held,
  environment: held,
};
