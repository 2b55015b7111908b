import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@proxycast/spec';
import { type App, compose } from '../compose.ts';
import { listen } from '../http/listen.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-tests';
export const CLIENT_KEY = 'client-key-of-the-tests';

export interface AdminReply {
  readonly status: number;
  readonly body: unknown;
}

/** The whole program inside the test's process, on a free port and an empty home. */
export interface AppUnderTest extends AsyncDisposable {
  readonly app: App;
  readonly baseUrl: string;
  readonly home: string;
  /** `path` after `/api/admin/v1`. */
  admin(method: string, path: string, body?: unknown): Promise<AdminReply>;
  /** Adds a provider with its keys; throws when the admin API refuses. */
  addProvider(
    provider: Readonly<Record<string, unknown>> & { readonly id: string },
    ...keys: readonly string[]
  ): Promise<void>;
  addRoute(route: Readonly<Record<string, unknown>>): Promise<void>;
  stop(graceMs?: number): Promise<void>;
}

/** `home`: one that outlives the server; else a new one that goes with it. */
export async function startApp(options: { readonly home?: string } = {}): Promise<AppUnderTest> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'proxycast-app-'));
  const app = await compose({
    home,
    host: '127.0.0.1',
    port: 0,
    masterKey: Buffer.alloc(32, 5),
    adminToken: new Secret(ADMIN_TOKEN),
    apiKey: new Secret(CLIENT_KEY),
    logLevel: 'silent',
  });
  const baseUrl = await listen(app.server, '127.0.0.1', 0);
  let isStopped = false;

  const admin = async (method: string, path: string, body?: unknown): Promise<AdminReply> => {
    const response = await fetch(`${baseUrl}/api/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const mustCreate = async (path: string, body: unknown): Promise<void> => {
    const reply = await admin('POST', path, body);
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  };
  const stop = async (graceMs = 0): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await app.stop(graceMs);
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };

  return {
    app,
    baseUrl,
    home,
    admin,
    async addProvider(provider, ...keys) {
      await mustCreate('/providers', { name: provider.id, enabled: true, ...provider });
      for (const key of keys) await mustCreate(`/providers/${provider.id}/keys`, { key });
    },
    addRoute: (route) => mustCreate('/routes', route),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
