import { createProviderCalls, isKeyOptional, type Preset } from '@proxycast/api-key-providers';
import type { ProviderRecord, RouteRecord, SettingsRepository } from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import type { ExaminedPlugins } from './check-plugins.ts';
import { type DoctorCheck, fault, messageOf, ok, warning } from './doctor-check.ts';

/** Providers, keys, routes and client keys: whether a request could be served, and what is in the way. */
export async function checkConfiguration(
  storage: Pick<Storage, 'providers' | 'apiKeys' | 'routes' | 'clientKeys' | 'settings'>,
  presets: ReadonlyMap<string, Preset>,
  plugins: ExaminedPlugins['plugins'] = [],
): Promise<readonly DoctorCheck[]> {
  const [providers, keys, routes, clientKeys, settings] = await Promise.all([
    storage.providers.list(),
    storage.apiKeys.listWithSecrets(),
    storage.routes.list(),
    storage.clientKeys.list(),
    storage.settings.all(),
  ]);
  const enabled = providers.filter((provider) => provider.enabled);
  /** Every provider there is, whether it is enabled. */
  const known = new Map<string, boolean>([
    ...providers.map((provider): [string, boolean] => [provider.id, provider.enabled]),
    ...plugins.flatMap(({ provider, enabled: isEnabled }): [string, boolean][] =>
      provider === null ? [] : [[provider.id, isEnabled]],
    ),
  ]);
  const keyed = new Set(keys.map(({ record }) => record.providerId));
  const checks: DoctorCheck[] = [];
  for (const provider of enabled) {
    const found = checkProvider(provider, keyed.has(provider.id), presets.get(provider.id));
    if (found !== undefined) checks.push(found);
  }
  const count = [...known.values()].filter(Boolean).length;
  if (count === 0) checks.push(warning('provider', 'provider_none'));
  else if (checks.length === 0) checks.push(ok('provider', 'provider_ok', { count }));
  checks.push(...checkRoutes(routes, known), ...checkDefaultProvider(settings, known));
  if (clientKeys.every(({ revokedAt }) => revokedAt !== undefined)) {
    checks.push(fault('client_key', 'client_key_none'));
  }
  return checks;
}

function checkProvider(record: ProviderRecord, hasKey: boolean, preset: Preset | undefined): DoctorCheck | undefined {
  try {
    createProviderCalls({ record, ...(preset === undefined ? {} : { preset }) });
  } catch (cause) {
    return fault('provider', 'provider_faulty', { id: record.id, detail: messageOf(cause) });
  }
  if (hasKey || isKeyOptional(record, preset)) return undefined;
  return warning('provider', 'provider_without_key', { id: record.id });
}

function checkRoutes(routes: readonly RouteRecord[], known: ReadonlyMap<string, boolean>): readonly DoctorCheck[] {
  return routes
    .filter(({ enabled }) => enabled)
    .flatMap(({ pattern, targets }) =>
      targets.flatMap(({ provider }): readonly DoctorCheck[] => {
        if (provider === undefined || known.get(provider) === true) return [];
        return [
          warning('route', known.has(provider) ? 'route_to_disabled' : 'route_to_nowhere', { pattern, provider }),
        ];
      }),
    );
}

function checkDefaultProvider(
  settings: Awaited<ReturnType<SettingsRepository['all']>>,
  known: ReadonlyMap<string, boolean>,
): readonly DoctorCheck[] {
  const name = Object.fromEntries(Object.entries(settings))['routing.default_provider'];
  if (typeof name !== 'string' || known.get(name) === true) return [];
  return [warning('default_provider', 'default_provider_wrong', { name })];
}
