import { createProviderCalls, isKeyOptional, type Preset } from '@proxycast/api-key-providers';
import type { ProviderRecord, RouteRecord, SettingsRepository } from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';
import { type DoctorCheck, fault, messageOf, ok, warning } from './doctor-check.ts';

/** Providers, keys, routes and client keys: whether a request could be served, and what is in the way. */
export async function checkConfiguration(
  storage: Pick<Storage, 'providers' | 'apiKeys' | 'routes' | 'clientKeys' | 'settings'>,
  presets: ReadonlyMap<string, Preset>,
): Promise<readonly DoctorCheck[]> {
  const [providers, keys, routes, clientKeys, settings] = await Promise.all([
    storage.providers.list(),
    storage.apiKeys.listWithSecrets(),
    storage.routes.list(),
    storage.clientKeys.list(),
    storage.settings.all(),
  ]);
  const enabled = providers.filter((provider) => provider.enabled);
  const keyed = new Set(keys.map(({ record }) => record.providerId));
  const checks: DoctorCheck[] = [];
  for (const provider of enabled) {
    const found = checkProvider(provider, keyed.has(provider.id), presets.get(provider.id));
    if (found !== undefined) checks.push(found);
  }
  if (enabled.length === 0) {
    checks.push(
      warning(
        'provider',
        'No provider is enabled. Add a key: proxycast provider add <id> --key-stdin. Until then only proxycast-echo answers.',
      ),
    );
  } else if (checks.length === 0) checks.push(ok('provider', `${enabled.length} enabled, each with a key.`));
  checks.push(...checkRoutes(routes, providers), ...checkDefaultProvider(settings, enabled));
  if (clientKeys.every(({ revokedAt }) => revokedAt !== undefined)) {
    checks.push(
      fault('client_key', 'There is no client key in force, so nobody can ask. Create one: proxycast key create'),
    );
  }
  return checks;
}

function checkProvider(record: ProviderRecord, hasKey: boolean, preset: Preset | undefined): DoctorCheck | undefined {
  try {
    createProviderCalls({ record, ...(preset === undefined ? {} : { preset }) });
  } catch (cause) {
    return fault('provider', `${record.id} cannot be called. ${messageOf(cause)}`);
  }
  if (hasKey || isKeyOptional(record, preset)) return undefined;
  return warning(
    'provider',
    `${record.id} is enabled and has no key that can be used: proxycast provider add ${record.id} --key-stdin`,
  );
}

function checkRoutes(routes: readonly RouteRecord[], providers: readonly ProviderRecord[]): readonly DoctorCheck[] {
  const usable = new Map(providers.map(({ id, enabled }) => [String(id), enabled]));
  return routes
    .filter(({ enabled }) => enabled)
    .flatMap(({ pattern, targets }) =>
      targets.flatMap(({ provider }): readonly DoctorCheck[] => {
        if (provider === undefined || usable.get(provider) === true) return [];
        const what = usable.has(provider) ? 'is disabled' : 'does not exist';
        return [warning('route', `The route ${pattern} leads to the provider ${provider}, which ${what}.`)];
      }),
    );
}

function checkDefaultProvider(
  settings: Awaited<ReturnType<SettingsRepository['all']>>,
  enabled: readonly ProviderRecord[],
): readonly DoctorCheck[] {
  const name = Object.fromEntries(Object.entries(settings))['routing.default_provider'];
  if (typeof name !== 'string' || enabled.some(({ id }) => id === name)) return [];
  return [warning('default_provider', `The default provider ${name} does not exist or is disabled.`)];
}
