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
  /** A provider of its own, so that a failure told to it changes nothing for the next test. */
  provide(type: ProviderType): Promise<Provided>;
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
    close: () => upstream.close(),
  };
}

async function createProxyCastTarget(options: FakeUpstreamOptions): Promise<Target> {
  const server = await startServer();
  const upstream = await createFakeUpstream({
    ...options,
    keys: [UPSTREAM_KEY],
    // A client's key, and ours for administration, end at ProxyCast.
    forbidden: [server.clientKey, server.adminToken],
  });
  let count = 0;
  return {
    name: 'proxycast',
    baseUrl: server.baseUrl,
    key: server.clientKey,
    upstream,
    server,
    async provide(type) {
      count += 1;
      const providerId = `fake-${type}-${count}`;
      // Named after the newest models, of which services ask the most.
      const model = `${type === 'gemini' ? 'gemini-3' : type}-model-${count}`;
      await provide(server, { id: providerId, type, apiHost: hostFor(type, upstream.baseUrl), models: [model] });
      return { providerId, model };
    },
    async close() {
      await server.stop();
      await upstream.close();
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
