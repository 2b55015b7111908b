import { createApiKeyProvider, isKeyOptional, type Preset, type ProviderCallTools } from '@proxycast/api-key-providers';
import { readSettings } from '@proxycast/console-api';
import type { GatewayLog, GatewaySnapshot } from '@proxycast/gateway';
import { createRoutingTable, type ModelFamily } from '@proxycast/routing';
import {
  type ClientKey,
  type ClientKeyRecord,
  type Credential,
  type CredentialId,
  type ListedModel,
  type Provider,
  type ProviderId,
  ProxyCastError,
  type RouteRecord,
  type UpstreamProtocol,
} from '@proxycast/spec';
import type { Storage } from '@proxycast/storage';

export interface LoadSnapshotParts {
  readonly storage: Pick<Storage, 'clientKeys' | 'providers' | 'apiKeys' | 'routes' | 'settings'>;
  readonly presets: ReadonlyMap<string, Preset>;
  readonly families: readonly ModelFamily[];
  readonly callTools: ProviderCallTools;
  /** Providers that need no row. */
  readonly builtIn: readonly Provider[];
  /** Those of running plugins. */
  readonly pluginProviders: () => Promise<{
    readonly providers: readonly Provider[];
    readonly credentialIds: readonly CredentialId[];
  }>;
  /** What only upstreams speak. */
  readonly upstreamProtocols: readonly UpstreamProtocol[];
  readonly log: GatewayLog;
  /** The name or address the server listens on; it may be asked by it. */
  readonly boundHost: string;
}

/** The whole configuration as requests see it, read from the database at one time. */
export interface LoadedSnapshot {
  readonly snapshot: GatewaySnapshot;
  readonly allowedHosts: readonly string[];
  readonly credentialIds: ReadonlySet<CredentialId>;
  readonly ledgerRetentionDays: number;
  readonly backupRetentionDays: number;
  readonly maxResponseBytes: number;
}

const DAY_MS = 86_400_000;

export async function loadSnapshot(parts: LoadSnapshotParts): Promise<LoadedSnapshot> {
  const { storage } = parts;
  const [clientKeys, records, keys, routes, stored, plugins] = await Promise.all([
    storage.clientKeys.list(),
    storage.providers.list(),
    storage.apiKeys.listWithSecrets(),
    storage.routes.list(),
    storage.settings.all(),
    parts.pluginProviders(),
  ]);
  const settings = readSettings(stored);
  const credentials = Map.groupBy(
    keys.map(({ record, secret }) => ({
      providerId: record.providerId,
      credential: {
        id: record.id,
        label: record.name ?? record.hint,
        secret,
        ...(record.weight === undefined ? {} : { weight: record.weight }),
      },
    })),
    ({ providerId }) => providerId,
  );
  const providers = [
    ...parts.builtIn,
    ...plugins.providers,
    ...records.flatMap((record): readonly Provider[] => {
      const own = (credentials.get(record.id) ?? []).map(({ credential }): Credential => credential);
      const preset = parts.presets.get(record.id);
      if (!record.enabled || (own.length === 0 && !isKeyOptional(record, preset))) return [];
      try {
        return [
          createApiKeyProvider({
            record,
            credentials: own,
            tools: parts.callTools,
            ...(preset === undefined ? {} : { preset }),
          }),
        ];
      } catch (cause) {
        if (!(cause instanceof ProxyCastError)) throw cause;
        // One row that cannot be called must not take the others down.
        parts.log.warn({ provider: record.id, code: cause.code }, cause.message);
        return [];
      }
    }),
  ];
  const upstreamProtocols = new Map<string, UpstreamProtocol>(
    parts.upstreamProtocols.map((protocol) => [protocol.id, protocol]),
  );
  const enabledRoutes = routes.filter(({ enabled }) => enabled);
  const createdAt = new Map<ProviderId, number>(records.map((record) => [record.id, record.createdAt]));
  return {
    snapshot: {
      clientKeys: new Map(clientKeys.map((record) => [record.sha256, clientKeyOf(record)])),
      routing: createRoutingTable({
        providers,
        routes: enabledRoutes,
        families: parts.families,
        baseOf: (protocol) => upstreamProtocols.get(protocol)?.base ?? protocol,
        ...(settings['routing.default_provider'] === null
          ? {}
          : { defaultProvider: settings['routing.default_provider'] }),
      }),
      models: listModels(providers, enabledRoutes, createdAt),
      upstreamProtocols,
      settings: {
        maxBodyBytes: settings['limits.max_body_bytes'],
        maxBufferedBytes: settings['limits.max_buffered_bytes'],
        maxAttempts: settings['limits.max_attempts'],
        upstreamHeadTimeoutMs: settings['timeouts.upstream_head_ms'],
        upstreamIdleTimeoutMs: settings['timeouts.upstream_idle_ms'],
        upstreamConnectTimeoutMs: settings['timeouts.upstream_connect_ms'],
        clientStallTimeoutMs: settings['timeouts.client_stall_ms'],
        media: {
          fetchesUrls: settings['media.fetch_urls'],
          maxFileBytes: settings['media.max_file_bytes'],
          maxTotalBytes: settings['media.max_total_bytes'],
          maxFiles: settings['media.max_files'],
          timeoutMs: settings['media.timeout_ms'],
          allowsHttp: settings['media.allow_http'],
          trustedHosts: settings['media.trusted_hosts'],
        },
        keepsResponses: settings['responses.keep'],
        responsesRetentionMs: settings['responses.retention_days'] * DAY_MS,
        maxBackgroundResponses: settings['responses.max_background'],
      },
      requestHooks: [],
      answerHooks: [],
    },
    allowedHosts: [...settings['server.allowed_hosts'], parts.boundHost.toLowerCase()],
    credentialIds: new Set([...keys.map(({ record }) => record.id), ...plugins.credentialIds]),
    ledgerRetentionDays: settings['ledger.retention_days'],
    backupRetentionDays: settings['backup.retention_days'],
    maxResponseBytes: settings['responses.max_bytes'],
  };
}

/** What a client may ask for: aliases first, then each provider's models. */
function listModels(
  providers: readonly Provider[],
  routes: readonly RouteRecord[],
  createdAt: ReadonlyMap<ProviderId, number>,
): readonly ListedModel[] {
  const aliases = routes
    .filter(({ pattern }) => !pattern.includes('*'))
    .map((route): ListedModel => ({ id: route.pattern, ownedBy: 'proxycast', createdAt: route.createdAt }));
  const models = providers.flatMap((provider) =>
    provider.models.map(
      (id): ListedModel => ({ id, ownedBy: provider.id, createdAt: createdAt.get(provider.id) ?? 0 }),
    ),
  );
  return [...aliases, ...models];
}

function clientKeyOf(record: ClientKeyRecord): ClientKey {
  const { id, name, sha256, revokedAt, expiresAt, allowedModels, allowedProviders, defaultParameters } = record;
  return {
    id,
    name,
    sha256,
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(allowedModels === undefined ? {} : { allowedModels }),
    ...(allowedProviders === undefined ? {} : { allowedProviders }),
    ...(defaultParameters === undefined ? {} : { defaultParameters }),
  };
}
