import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { homedir, hostname } from 'node:os';
import { createSessionStore, type SessionStore } from '@proxycast/admin-api/session-store';
import { createGoogleTokens, PROVIDER_TYPES, presetRecords } from '@proxycast/api-key-providers';
import { createCredentialPool } from '@proxycast/credentials';
import { createEchoProvider } from '@proxycast/echo-provider';
import { createConversionWorker, createGateway, type Gateway } from '@proxycast/gateway';
import { createGuardedFetch, createLookUp, fetchFile, isPublicAddress } from '@proxycast/guarded-fetch';
import { createKeyCounter, createLedgerWriter, createMetrics, parsePriceTable } from '@proxycast/observe';
import { createResponsesStore } from '@proxycast/responses-store';
import { parseModelFamilies } from '@proxycast/routing';
import { type ProtocolId, parseProtocolId, parseRequestId, Secret, type UpstreamProtocol } from '@proxycast/spec';
import { checkBackup, finishRestore, listBackups, openStorage, pruneBackups, type Storage } from '@proxycast/storage';
import { createTokenCounter } from '@proxycast/token-count';
import type { Logger } from 'pino';
import modelFamilies from '../../../presets/api-key/model-families.json' with { type: 'json' };
import modelPrices from '../../../presets/api-key/models-pricing.json' with { type: 'json' };
import { createPost } from './admin/call-upstream.ts';
import { createKeyHealth } from './admin/create-key-health.ts';
import { createLazyAdmin } from './admin/create-lazy-admin.ts';
import { createProviderChecks } from './admin/create-provider-checks.ts';
import { explainPlan } from './admin/explain-plan.ts';
import type { ServerConfig } from './config/parse-server-config.ts';
import { createIdSource } from './create-id-source.ts';
import { createSecretIdSource } from './create-secret-id-source.ts';
import { ensureClientKeys, type FirstKey } from './ensure-client-keys.ts';
import { claimHome } from './home/claim-home.ts';
import { hasFile } from './home/has-file.ts';
import { type HomeFolder, openHomeFolder } from './home/home-folder.ts';
import { findKeychain } from './home/keychain.ts';
import { loadAdminTokens } from './home/load-admin-tokens.ts';
import { loadMasterKey } from './home/load-master-key.ts';
import { createOperations } from './http/answer-operations.ts';
import { createPage } from './http/answer-page.ts';
import { createHttpServer } from './http/create-http-server.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { createLog } from './log/create-log.ts';
import { createPluginRefresh, type PluginRefresh } from './plugins/create-plugin-refresh.ts';
import { createPlugins, type Plugins } from './plugins/create-plugins.ts';
import { createPluginsPort } from './plugins/create-plugins-port.ts';
import { createNoteEnded } from './plugins/note-ended.ts';
import { loadPresets } from './presets.ts';
import { DEFAULT_PROTOCOL, loadProtocols } from './protocols.ts';
import { startPruningLedger } from './prune-ledger.ts';
import { startPruningResponses } from './prune-responses.ts';
import { createAnswerSockets } from './socket/answer-sockets.ts';
import { createUpkeep } from './upkeep/create-upkeep.ts';
import { startDailyBackups } from './upkeep/start-daily-backups.ts';
import { BUNDLED_VARIANTS } from './variants/bundled-variants.ts';
import { loadVariants } from './variants/load-variants.ts';
import { watchVariants } from './variants/watch-variants.ts';
import { VERSION } from './version.ts';
import { workerUrl } from './worker-url.ts';

/** The whole program, built and ready to listen. */
export interface App {
  readonly server: Server;
  readonly log: Logger;
  readonly home: HomeFolder;
  /** The generated client key; only where there was no client key before. */
  readonly firstKey: FirstKey | undefined;
  readonly sessions: SessionStore;
  readonly gateway: Gateway;
  /** Called after each restore, when the restored configuration is in force, and awaited. It must not reject. */
  onRestored(listener: () => Promise<void>): void;
  /** Opens the admin API for this process itself; made at each start and kept nowhere. */
  readonly internalToken: Secret;
  /** Lets running requests finish within the limit, writes what is waiting, and closes everything that was opened. */
  stop(graceMs: number): Promise<void>;
}

/** Each holds the conversation of one client; a coding agent opens a few. */
const MAX_SOCKETS = 1_000;

/** How soon another node's change of the configuration is seen here. */
const CONFIG_POLL_MS = 2_000;

/** Builds every part. What was opened is closed again when a later part fails. */
export async function compose(config: ServerConfig): Promise<App> {
  await using undo = new AsyncDisposableStack();
  const now = (): number => Date.now();
  const monotonicMs = (): number => performance.now();
  const newId = createIdSource(now);
  const userAgent = `ProxyCast/${VERSION}`;
  const home = openHomeFolder(config.home);
  const { log, close: closeLog } = createLog(config, monotonicMs);
  undo.defer(closeLog);
  const adminTokens = loadAdminTokens({
    path: home.adminToken,
    randomBytes,
    ...(config.adminToken === undefined ? {} : { fixed: config.adminToken }),
  });

  const usesPostgres = config.databaseUrl !== undefined;
  if (!usesPostgres) {
    undo.defer(claimHome(home.path));
    if (await finishRestore(home.database)) log.warn({ path: home.database }, 'a restore that was cut off is finished');
  }
  const masterKey = loadMasterKey({
    path: home.masterKey,
    hasDatabase: usesPostgres ? false : hasFile(home.database),
    keychain: () => findKeychain(process.platform, process.env),
    randomBytes,
    ...(config.masterKey === undefined ? {} : { fromEnvironment: config.masterKey }),
  });
  const storage = undo.use(
    await openStorage({
      location:
        config.databaseUrl === undefined
          ? { type: 'sqlite', path: home.database, workerUrl: workerUrl('sqlite-worker') }
          : { type: 'postgres', url: config.databaseUrl },
      masterKey: masterKey.key,
      backupsDirectory: home.backups,
      now,
      onUnreadableSecret: (error) => log.error({ code: error.code }, error.message),
    }),
  );
  reportMigration(storage, log);

  const presets = loadPresets();
  const seedPresets = async (): Promise<void> => {
    const seeded = await storage.providers.seed(presetRecords([...presets.values()], now()));
    if (seeded.added + seeded.moved > 0) log.info(seeded, 'presets brought up to date');
  };
  await seedPresets();
  const ensureKeys = () =>
    ensureClientKeys({
      clientKeys: storage.clientKeys,
      newId,
      now,
      randomBytes,
      ...(config.apiKey === undefined ? {} : { fixed: config.apiKey }),
    });
  const firstKey = await ensureKeys();

  const readVariants = () => {
    const loaded = loadVariants(BUNDLED_VARIANTS, home.protocols);
    for (const fault of loaded.faults) log.error(fault, 'a protocol file is wrong; it is left out');
    return loaded;
  };
  let variants = readVariants();
  let protocols = loadProtocols(variants.variants);
  const clientProtocols = protocols.client.map(({ id }) => id);
  const findProtocol = (id: ProtocolId): UpstreamProtocol | undefined =>
    [...protocols.client, ...protocols.upstream].find((protocol) => protocol.id === id);
  const echo = createEchoProvider({ newId, protocols: clientProtocols });
  const credentials = createCredentialPool({
    now,
    onTokenRefused: (id, sentAt) => pluginRefresh.refreshRefused(id, sentAt),
    onEnded: (id, state) => noteEnded(id, state),
  });
  /** Never rejects: what was read last stays in force. */
  const reloadAfter = (what: string) => (): Promise<void> =>
    reload().catch((cause: unknown) => log.error({ err: cause }, `${what} was not applied`));
  const noteEnded = createNoteEnded({ storage, log, now, onChanged: reloadAfter('the end of a login') });
  const callTools = {
    now,
    googleTokens: createGoogleTokens({ now, post: createPost(userAgent) }),
    variantOf: (providerId: string) => {
      const variant = variants.variants.find(({ vendors }) => vendors.includes(providerId));
      return variant === undefined ? undefined : parseProtocolId(variant.id);
    },
  };
  const lookUp = createLookUp();
  const system = { platform: process.platform, arch: process.arch, userHome: homedir(), environment: process.env };
  const plugins: Plugins = undo.use(
    createPlugins({
      folder: home.plugins,
      dataFolder: home.pluginData,
      homeFolder: home.path,
      storage,
      version: VERSION,
      system,
      lookUp: (name) => lookUp(name, false),
      isPublicAddress,
      log,
      now,
      onCredentials: (records) => pluginRefresh.follow(records),
      refreshed: (id) => pluginRefresh.refreshed(id),
      onChanged: reloadAfter('a change of the plugins'),
    }),
  );
  const pluginRefresh: PluginRefresh = undo.use(
    createPluginRefresh({
      storage,
      open: plugins.open,
      pool: credentials,
      owner: `${hostname()}:${process.pid}:${newId()}`,
      log,
      now,
      setTimer: schedule,
      onChanged: reloadAfter('a renewed login'),
    }),
  );
  const load = () =>
    loadSnapshot({
      boundHost: config.host,
      storage,
      presets,
      families: parseModelFamilies(modelFamilies),
      builtIn: [echo],
      pluginProviders: plugins.providers,
      callTools,
      upstreamProtocols: protocols.upstream,
      log,
    });
  let loaded = await load();
  let reloading: Promise<void> = Promise.resolve();
  /** One after the other: what was read earlier never takes the place of what was read later. */
  const reload = (): Promise<void> => {
    const next = reloading
      // Whoever asked for the one before was told why it failed.
      .catch(() => undefined)
      .then(async () => {
        loaded = await load();
        credentials.retain(loaded.credentialIds);
      });
    reloading = next;
    return next;
  };
  await plugins.start();

  const prices = parsePriceTable(modelPrices);
  const warn = (fields: Readonly<Record<string, unknown>>, message: string): void => log.warn(fields, message);
  const ledger = createLedgerWriter({
    createBatch: () => storage.ledger.createBatch(),
    costMicroUsd: (fact) => prices.costMicroUsd(fact.upstreamModel, fact.usage),
    newId,
    warn,
    schedule,
  });
  const keyCounter = createKeyCounter({ addCounts: (counts) => storage.apiKeys.addCounts(counts), warn, schedule });
  const metrics = createMetrics({ inFlight: () => gateway.inFlight(), ledger: () => ledger.stats(), version: VERSION });
  const conversionWorker = createConversionWorker({
    workerUrl: workerUrl('conversion-worker'),
    workerData: () => variants.data,
  });
  undo.defer(() => conversionWorker.close());
  const tokenCounter = createTokenCounter({
    workerUrl: workerUrl('token-count-worker'),
    workerData: () => variants.data,
  });
  undo.defer(() => tokenCounter.close());
  const responses = createResponsesStore({ repository: storage.keptResponses, now, schedule, warn });
  // The same after a restart, and another one on another machine: several may share a database.
  const runner = hash('sha256', `${hostname()}\n${home.path}`, 'hex').slice(0, 16);
  const guardedFetch = createGuardedFetch({ lookUp, userAgent });
  const gateway: Gateway = createGateway({
    protocols: protocols.client,
    defaultProtocol: DEFAULT_PROTOCOL,
    convertLarge: conversionWorker.convert,
    estimateTokens: tokenCounter.estimate,
    fetchMedia: (url, request) => fetchFile(guardedFetch, url, request),
    maxOutputTokens: (model) => prices.maxOutputTokens(model),
    snapshot: () => loaded.snapshot,
    credentials,
    observe: (fact) => {
      ledger.push(fact);
      keyCounter.record(fact);
      metrics.record(fact);
    },
    log,
    now,
    monotonicMs,
    newRequestId: () => parseRequestId(`req_${newId()}`),
    keeping: { store: responses, newId: createSecretIdSource(randomBytes), runner },
    userAgent,
  });

  const checkWritten = (path: string) =>
    checkBackup({ path, masterKey: masterKey.key, workDirectory: home.backups, workerUrl: workerUrl('sqlite-worker') });
  const restored: (() => Promise<void>)[] = [];
  const pluginsPort = createPluginsPort({
    storage,
    open: plugins.open,
    folder: home.plugins,
    dataFolder: home.pluginData,
    version: VERSION,
    system,
    pool: credentials,
    refresh: pluginRefresh.refresh,
    now,
    newId,
  });
  const upkeep = createUpkeep({
    storage,
    presets,
    home,
    plugins: pluginsPort,
    config,
    checkWritten,
    beforeRestore: async () => {
      await ledger.flush();
      await keyCounter.flush();
      await responses.flush();
    },
    afterRestore: async () => {
      await seedPresets();
      // One that was generated would be shown to nobody.
      if (config.apiKey !== undefined) await ensureKeys();
      // A key of the same id may be another key now.
      credentials.retain(new Set());
      responses.forget();
      await plugins.restart();
      await reload();
      for (const listener of restored) await listener();
    },
    now,
  });
  const internalToken = new Secret(randomBytes(32).toString('base64url'));
  const internalTokenHash = hash('sha256', internalToken.reveal(), 'hex');
  const sessions = createSessionStore({ now, randomBytes });
  const admin = createLazyAdmin({
    clientKeys: storage.clientKeys,
    providers: storage.providers,
    apiKeys: storage.apiKeys,
    routes: storage.routes,
    settings: storage.settings,
    ledger: storage.ledger,
    sessions,
    now,
    newId,
    randomBytes,
    providerTypes: [...PROVIDER_TYPES.values()].map(({ type, extraFields, isHostOptional }) => ({
      type,
      extraFields,
      isHostRequired: isHostOptional !== true,
    })),
    reservedProviderIds: [echo.id],
    outputProtocols: clientProtocols,
    keyHealth: createKeyHealth(credentials),
    ...createProviderChecks({ storage, presets, callTools, findProtocol, userAgent, monotonicMs }),
    explainPlan: async ({ model, protocol }) =>
      explainPlan(loaded.snapshot.routing, model, parseProtocolId(protocol), clientProtocols),
    upkeep,
    plugins: pluginsPort,
    onConfigChanged: reload,
    adminTokenHashes: () => [...adminTokens.map(({ sha256 }) => sha256), internalTokenHash],
    allowedHosts: () => loaded.allowedHosts,
    log,
    version: VERSION,
  });

  let isStopping = false;
  const isKnown = (request: IncomingMessage): boolean => {
    const token =
      /^bearer (.{1,512})$/i.exec(request.headers.authorization ?? '')?.[1]?.trim() ?? request.headers['x-api-key'];
    if (typeof token !== 'string') return false;
    const digest = hash('sha256', token, 'hex');
    if (adminTokens.some(({ sha256 }) => timingSafeEqual(Buffer.from(sha256), Buffer.from(digest)))) return true;
    const key = loaded.snapshot.clientKeys.get(digest);
    return key !== undefined && key.revokedAt === undefined && (key.expiresAt ?? Number.POSITIVE_INFINITY) > now();
  };
  const sockets = createAnswerSockets({
    gateway,
    store: responses,
    allowedHosts: () => loaded.allowedHosts,
    maxMessageBytes: () => loaded.snapshot.settings.maxBodyBytes,
    maxSockets: MAX_SOCKETS,
  });
  const server = createHttpServer({
    onUpgrade: sockets.onUpgrade,
    gateway,
    admin: admin.listener,
    page: createPage({ folder: pageFolder() }),
    operations: createOperations({
      version: VERSION,
      metrics,
      readiness: () => (isStopping ? { isReady: false, reason: 'shutting down' } : { isReady: true }),
      isKnown,
    }),
    allowedHosts: () => loaded.allowedHosts,
    log,
  });

  const stopPruning = startPruningLedger({
    deleteOlderThan: (time) => storage.ledger.deleteOlderThan(time),
    retentionDays: () => loaded.ledgerRetentionDays,
    now,
    log,
  });
  const stopPruningResponses = startPruningResponses({
    prune: () => responses.prune(loaded.maxResponseBytes),
    log,
  });
  gateway.failUnfinished(await responses.unfinished(runner));
  const stopVariants = watchVariants(home.protocols, () => {
    variants = readVariants();
    protocols = loadProtocols(variants.variants);
    conversionWorker.renew();
    tokenCounter.renew();
    reload().catch((cause: unknown) => log.error({ err: cause }, 'the changed protocols were not applied'));
  });
  const stopBackups = startDailyBackups({
    backup: () => storage.backup(),
    check: usesPostgres ? async () => ({ bytes: 0 }) : checkWritten,
    list: () => listBackups(home.backups),
    prune: () => pruneBackups(home.backups, loaded.backupRetentionDays, now()),
    now,
    log,
  });
  const stopPolling = usesPostgres ? pollConfig(storage, reload, log) : () => undefined;
  const opened = undo.move();

  return {
    server,
    log,
    home,
    firstKey,
    sessions,
    gateway,
    internalToken,
    onRestored: (listener) => void restored.push(listener),
    async stop(graceMs) {
      isStopping = true;
      stopPolling();
      stopPruning();
      stopPruningResponses();
      stopBackups();
      stopVariants();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await gateway.stop(graceMs);
      sockets.close();
      server.closeAllConnections();
      await closed;
      await gateway.close();
      await ledger
        .flush()
        .catch((cause: unknown) =>
          log.error({ err: cause, ...ledger.stats() }, 'the last ledger entries were not written'),
        );
      await keyCounter.flush();
      await responses
        .flush()
        .catch((cause: unknown) =>
          log.error({ err: cause, ...responses.stats() }, 'the last responses were not stored'),
        );
      await opened.disposeAsync();
      log.flush();
    },
  };
}

function pageFolder(): URL {
  // The sources are in apps/server/src, the bundle in apps/server/dist: one step up is apps/server in both.
  return new URL('../page/', import.meta.url);
}

function schedule(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  // What waits is written at a stop as well: no timer has to keep the process alive for it.
  timer.unref();
  return () => clearTimeout(timer);
}

function reportMigration({ migration }: Storage, log: Logger): void {
  if (migration.from === migration.to) return;
  log.info({ from: migration.from, to: migration.to, backup: migration.backup }, 'database migrated');
}

/** Other nodes on the same database change the configuration too. */
function pollConfig(storage: Storage, reload: () => Promise<void>, log: Logger): () => void {
  let seen: number | undefined;
  let isReading = false;
  const timer = setInterval(() => {
    if (isReading) return;
    isReading = true;
    storage
      .configVersion()
      .then(async (version) => {
        if (seen !== undefined && version !== seen) await reload();
        seen = version;
      })
      .catch((cause: unknown) =>
        log.warn({ err: cause }, 'the configuration could not be read; the last one stays in force'),
      )
      .finally(() => {
        isReading = false;
      });
  }, CONFIG_POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
