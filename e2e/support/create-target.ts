import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createFakeUpstream,
  type FakeUpstream,
  type FakeUpstreamOptions,
  type RunningServer,
  startServer,
} from '@proxycast/testkit';
import { readObject } from './read-object.ts';

/** `direct` proves that a test is right; `proxycast` proves that ProxyCast changes nothing in what it sees. */
export const TARGETS = ['direct', 'proxycast'] as const;
export type TargetName = (typeof TARGETS)[number];

/** Provider types of design.md section 5 that pass through. */
export type ProviderType = 'anthropic' | 'openai' | 'openai-response' | 'gemini' | 'ollama' | 'new-api' | 'gateway';

export interface Provided {
  readonly providerId: string;
  /** A model only this provider serves. */
  readonly model: string;
}

/** Where an SDK is pointed: at the fake itself, or at ProxyCast in front of it. */
export interface Target {
  readonly name: TargetName;
  readonly baseUrl: string;
  readonly key: string;
  readonly upstream: FakeUpstream;
  /** Absent when direct. */
  readonly server?: RunningServer;
  /**
   * A provider of its own, so that a failure told to it changes nothing for the next test. With a `model` that name leads to
   * it, as an alias would.
   */
  provide(
    type: ProviderType,
    options?: { readonly upstream?: FakeUpstream; readonly model?: string },
  ): Promise<Provided>;
  /** One more service, which knows nothing of what the first one has signed. */
  addUpstream(): Promise<FakeUpstream>;
  /** Ends ProxyCast and starts it again at the same address, with the same home. Does nothing when direct. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const UPSTREAM_KEY = 'sk-upstream-0123456789abcdef';

export async function createTarget(
  name: TargetName,
  upstream: Pick<FakeUpstreamOptions, 'checksSignatures'> = {},
): Promise<Target> {
  return name === 'direct' ? createDirectTarget(upstream) : createProxyCastTarget(upstream);
}

async function createDirectTarget(options: FakeUpstreamOptions): Promise<Target> {
  const upstream = await createFakeUpstream({ ...options, keys: [UPSTREAM_KEY], models: ['fake-model'] });
  return {
    name: 'direct',
    baseUrl: upstream.baseUrl,
    key: UPSTREAM_KEY,
    upstream,
    provide: () => Promise.resolve({ providerId: 'none', model: 'fake-model' }),
    addUpstream: () => Promise.reject(new Error('Only ProxyCast leads to several services.')),
    restart: () => Promise.resolve(),
    close: () => upstream.close(),
  };
}

async function createProxyCastTarget(options: FakeUpstreamOptions): Promise<Target> {
  const home = await mkdtemp(join(tmpdir(), 'proxycast-target-'));
  const env = {
    PROXYCAST_ADMIN_TOKEN: `admin-${randomBytes(24).toString('hex')}`,
    PROXYCAST_API_KEY: `sk-client-${randomBytes(24).toString('hex')}`,
    PROXYCAST_MASTER_KEY: randomBytes(32).toString('base64'),
  };
  let server = await startServer({ home, env });
  const { baseUrl } = server;
  const startUpstream = () =>
    createFakeUpstream({
      ...options,
      keys: [UPSTREAM_KEY],
      // A client's key, and ours for administration, end at ProxyCast.
      forbidden: [env.PROXYCAST_API_KEY, env.PROXYCAST_ADMIN_TOKEN],
    });
  const upstream = await startUpstream();
  const upstreams = [upstream];
  let count = 0;
  return {
    name: 'proxycast',
    baseUrl,
    key: env.PROXYCAST_API_KEY,
    upstream,
    get server() {
      return server;
    },
    async provide(type, { upstream: other = upstream, model: alias } = {}) {
      count += 1;
      const providerId = `fake-${type}-${count}`;
      // Named after the newest models, of which services ask the most.
      const model = `${type === 'gemini' ? 'gemini-3' : type}-model-${count}`;
      await provide(server, { id: providerId, type, apiHost: hostFor(type, other.baseUrl), models: [model] });
      if (alias === undefined) return { providerId, model };
      const route = { pattern: alias, targets: [{ provider: providerId, model }], sort_order: 1000 - count };
      expectSuccess('POST /routes', await server.adminFetch('/routes', { method: 'POST', body: route }));
      return { providerId, model: alias };
    },
    async addUpstream() {
      const added = await startUpstream();
      upstreams.push(added);
      return added;
    },
    async restart() {
      await server.stop();
      server = await startServer({ home, env: { ...env, PROXYCAST_PORT: new URL(baseUrl).port } });
    },
    async close() {
      await server.stop();
      for (const each of upstreams) await each.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

function hostFor(type: ProviderType, baseUrl: string): string {
  switch (type) {
    case 'openai':
    case 'openai-response':
      return `${baseUrl}/v1`;
    case 'anthropic':
    case 'gemini':
    case 'ollama':
    case 'new-api':
    case 'gateway':
      return baseUrl;
  }
}

export interface NewProvider {
  readonly id: string;
  readonly type: ProviderType;
  readonly apiHost: string;
  readonly models: readonly string[];
  /** Absent: the one key the fake opens to. */
  readonly keys?: readonly string[];
}

/** A provider and its keys, through the admin API as a person's console would do it. */
export async function provide(server: RunningServer, provider: NewProvider): Promise<void> {
  const made = await server.adminFetch('/providers', {
    method: 'POST',
    body: {
      id: provider.id,
      name: provider.id,
      type: provider.type,
      api_host: provider.apiHost,
      enabled: true,
      models: provider.models,
    },
  });
  expectSuccess('POST /providers', made);
  const id = String(readObject(made.body).id ?? provider.id);
  for (const key of provider.keys ?? [UPSTREAM_KEY]) {
    expectSuccess('POST keys', await server.adminFetch(`/providers/${id}/keys`, { method: 'POST', body: { key } }));
  }
}

function expectSuccess(what: string, { status, body }: { readonly status: number; readonly body: unknown }): void {
  if (status < 200 || status > 299) throw new Error(`${what} answered ${status}: ${JSON.stringify(body)}`);
}
