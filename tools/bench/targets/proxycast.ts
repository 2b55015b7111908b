import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunEnvironment, RunProcess } from '../process/create-run-environment.ts';
import { findFreePort } from '../process/find-free-port.ts';
import { waitForPort } from '../process/wait-for-port.ts';
import { MODEL } from '../upstream/answer.ts';
import type { Upstream } from '../upstream/start-upstream.ts';
import { CLIENT_HEADERS, PROXYCAST, type TargetKind } from './target.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../apps/server/dist/main.js');
const START_MS = 30_000;
const PROVIDER = 'bench';

/** The built server. */
export interface ProxyCast {
  readonly clientHeaders: Readonly<Record<string, string>>;
  /** An empty folder to be its home; a first start fills it. */
  readonly makeHome: () => string;
  /** Starts it and does not wait. */
  readonly spawn: (home: string, port: number) => RunProcess;
  readonly kind: (upstream: Upstream) => TargetKind;
}

export function isProxyCastBuilt(): boolean {
  return existsSync(PROGRAM);
}

export function createProxyCast(environment: RunEnvironment): ProxyCast {
  // Made for this run and gone with it.
  const adminToken = randomBytes(24).toString('base64url');
  const clientKey = `pc-${randomBytes(24).toString('base64url')}`;
  const clientHeaders = { ...CLIENT_HEADERS, authorization: `Bearer ${clientKey}` };
  const spawn = (home: string, port: number): RunProcess =>
    environment.start(process.execPath, [PROGRAM], {
      PROXYCAST_HOME: home,
      PROXYCAST_HOST: '127.0.0.1',
      PROXYCAST_PORT: String(port),
      PROXYCAST_ADMIN_TOKEN: adminToken,
      PROXYCAST_API_KEY: clientKey,
      // Empty counts as absent: nothing of the person's own installation may take part.
      PROXYCAST_DATABASE_URL: '',
      PROXYCAST_MASTER_KEY: '',
      PROXYCAST_LOG_LEVEL: '',
      NODE_OPTIONS: '',
    });

  async function callAdmin(port: number, path: string, body: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${port}/api/admin/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`ProxyCast answered ${response.status} to POST ${path}: ${text.slice(0, 500)}`);
  }

  return {
    clientHeaders,
    makeHome: environment.makeFolder,
    spawn,
    kind: (upstream) => ({
      name: PROXYCAST,
      async start() {
        const port = await findFreePort();
        const started = spawn(environment.makeFolder(), port);
        await waitForPort(started, port, START_MS);
        await callAdmin(port, '/providers', {
          id: PROVIDER,
          name: 'Benchmark',
          type: 'openai',
          api_host: upstream.origin,
          enabled: true,
          models: [MODEL],
        });
        await callAdmin(port, `/providers/${PROVIDER}/keys`, { key: 'sk-the-fake-upstream-takes-any' });
        return {
          name: PROXYCAST,
          host: '127.0.0.1',
          port,
          basePath: '',
          headers: clientHeaders,
          pid: started.pid,
          isExact: true,
          isConverting: true,
          stop: started.stop,
        };
      },
    }),
  };
}
