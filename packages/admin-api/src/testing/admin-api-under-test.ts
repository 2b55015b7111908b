import { createServer, type IncomingHttpHeaders, request as sendRequest } from 'node:http';
import { problemSchema } from '@proxycast/console-api';
import { BackupError, type ProviderRecord, parseCredentialId, parseProviderId } from '@proxycast/spec';
import type { AdminApiPorts, AdminLog, KeyHealth, Upkeep } from '../admin-api-ports.ts';
import { createAdminApi } from '../create-admin-api.ts';
import { createSessionStore } from '../session-store.ts';
import { sha256Hex } from '../sha256-hex.ts';
import { createFakePlugins } from './fake-plugins.ts';
import {
  createFakeApiKeys,
  createFakeClientKeys,
  createFakeLedger,
  createFakeProviders,
  createFakeRoutes,
  createFakeSettings,
} from './fake-repositories.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-tests';
export const START = 1_764_000_000_000;

export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `undefined` where there is no body. */
  readonly json: unknown;
}

/** A real server on loopback around the admin API, with fakes behind it. */
export async function startAdminApi(overrides: Partial<AdminApiPorts> = {}) {
  let time = START;
  let lastId = 0;
  let lastRandom = 0;
  let configChanges = 0;
  const logged: unknown[] = [];
  const health = new Map<string, KeyHealth>();
  const record = (level: string) => (facts: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, ...facts, message });
  };
  const log: AdminLog = { info: record('info'), warn: record('warn'), error: record('error') };
  const now = () => time;
  const randomBytes = (size: number) => {
    lastRandom += 1;
    return new Uint8Array(size).fill(lastRandom);
  };
  const sessions = createSessionStore({ now, randomBytes });
  const upkeep: Upkeep = {
    backup: async () => ({ path: 'backups/new.db', bytes: 4096 }),
    listBackups: async () => [{ name: 'new.db', path: 'backups/new.db', writtenAt: START }],
    restore: async (name) => {
      if (name === 'new.db') return { name, bytes: 4096, kept: 'backups/before.db' };
      throw new BackupError({ code: 'backup_missing', message: 'There is no such backup.' });
    },
    doctor: async () => [{ name: 'home', level: 'ok', code: 'home_ok', fields: { path: '/h' }, message: '/h' }],
  };
  const fakes = {
    clientKeys: createFakeClientKeys(),
    providers: createFakeProviders(),
    apiKeys: createFakeApiKeys(),
    routes: createFakeRoutes(),
    settings: createFakeSettings(),
    ledger: createFakeLedger(),
    sessions,
    upkeep,
    plugins: createFakePlugins(),
  };
  const api = createAdminApi({
    ...fakes,
    now,
    newId: () => {
      lastId += 1;
      return `id-${lastId}`;
    },
    randomBytes,
    providerTypes: [
      { type: 'openai', extraFields: [], isHostRequired: true },
      { type: 'vertexai', extraFields: ['project', 'location'], isHostRequired: false },
    ],
    reservedProviderIds: ['built-in'],
    outputProtocols: ['openai', 'anthropic'],
    keyHealth: {
      of: (id) => health.get(id) ?? { state: { type: 'active' }, restingModels: [] },
      reset: (id) => void health.delete(id),
    },
    testProvider: async () => ({
      ok: false,
      latencyMs: 12,
      status: 401,
      error: { code: 'wrong_key', message: 'No.' },
      results: [
        { keyId: parseCredentialId('k1'), ok: false, code: 'wrong_key', message: 'No.', latencyMs: 12, status: 401 },
      ],
    }),
    listProviderModels: async () => [
      { id: 'm1', ownedBy: 'them', isLive: true, isStored: false },
      { id: 'm2', isLive: false, isStored: true },
    ],
    explainPlan: async ({ protocol }) => ({
      attempts: [{ providerId: 'groq', upstreamModel: 'm1', protocol, reason: 'listed model' }],
      reasons: ['No route matches.'],
    }),
    onConfigChanged: async () => {
      configChanges += 1;
    },
    adminTokenHashes: () => [sha256Hex('another-token'), sha256Hex(ADMIN_TOKEN)],
    allowedHosts: () => ['gateway.lan'],
    log,
    version: '0.1.0',
    ...overrides,
  });

  const server = createServer((request, response) => api.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  /** As it is: no identity is added. */
  function send({ method = 'GET', path, headers = {}, body }: Sent): Promise<Answered> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    // Node sends the body of some methods without a length, and then the server takes it for another request.
    const length: Record<string, string> =
      payload === undefined || 'transfer-encoding' in headers
        ? {}
        : { 'content-length': String(Buffer.byteLength(payload)) };
    const options = { host: '127.0.0.1', port, method, path, agent: false, headers: { ...length, ...headers } };
    return new Promise((resolve, reject) => {
      const request = sendRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json: unknown = text === '' ? undefined : JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      });
      request.on('error', reject);
      request.end(payload);
    });
  }

  /** With the admin token. An answer that is not as its route describes is an error. */
  async function call(method: string, path: string, body?: unknown): Promise<Answered> {
    const answered = await send({
      method,
      path: `/api/admin/v1${path}`,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      body,
    });
    if (answered.status >= 400) {
      problemSchema.parse(answered.json);
      return answered;
    }
    const pathname = `/api/admin/v1${path.split('?')[0]}`;
    const route = api.routes.find(
      (candidate) => candidate.method === method && patternOf(candidate.path).test(pathname),
    );
    if (route?.answer.status !== answered.status) throw new Error(`${method} ${path} answered ${answered.status}.`);
    route.answer.schema.parse(answered.json);
    return answered;
  }

  async function logIn(): Promise<{ readonly cookie: string; readonly csrfToken: string }> {
    const answered = await send({ method: 'POST', path: '/api/admin/v1/session', body: { admin_token: ADMIN_TOKEN } });
    const cookie = answered.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    return { cookie, csrfToken: String(readField(answered.json, 'csrf_token')) };
  }

  return {
    ...fakes,
    routes: api.routes,
    health,
    port,
    logged,
    send,
    call,
    logIn,
    configChanges: () => configChanges,
    advance(ms: number) {
      time += ms;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type AdminApiUnderTest = Awaited<ReturnType<typeof startAdminApi>>;

// The fixed path comes before the one with a parameter in the table, so the first match is the route.
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

export function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

export function presetProvider(id: string): ProviderRecord {
  return {
    id: parseProviderId(id),
    name: id,
    type: 'openai',
    apiHost: `https://${id}.example`,
    isSystem: true,
    groupName: 'mainstream',
    enabled: false,
    sortOrder: 1,
    createdAt: START,
    updatedAt: START,
  };
}
