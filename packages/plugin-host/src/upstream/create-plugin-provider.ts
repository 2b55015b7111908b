import {
  type AttemptContext,
  type Credential,
  type CredentialChoice,
  type PluginCall,
  type PluginTransport,
  type Provider,
  parseProtocolId,
  parseProviderId,
  type RequestId,
  type UpstreamCallInput,
  type UpstreamFailure,
} from '@proxycast/spec';
import type { HttpHeaderList, PluginCredential, PluginManifest } from '@proxycast/spec/plugin';
import { matchGlob } from '../registry/match-glob.ts';
import { protocolFor } from '../registry/plugin-registry.ts';
import type { LeaseValues } from './fill-lease.ts';
import type { LeasedCall } from './lease-cache.ts';
import { type PluginAttempt, type PluginPort, upstreamCallOf } from './plugin-port.ts';

export interface PluginProviderParts {
  readonly manifest: PluginManifest;
  readonly port: PluginPort;
  /** `secret` is the credential's data as JSON text, with its auth type: what `renderPluginSecret` writes. */
  readonly credentials: readonly Credential[];
  readonly choice?: CredentialChoice;
  /** What the plugin listed last; absent: the names of the manifest that are no globs. */
  readonly models?: readonly string[];
  /** Told of the data of each credential before the plugin is: its log shows none of it. */
  readonly learnSecret: (data: unknown) => void;
  readonly refreshed?: NonNullable<PluginTransport['refreshed']>;
}

/** A plugin's credential as the text of a `Secret`. */
export function renderPluginSecret({ auth_type, data, expires_at }: Omit<PluginCredential, 'id'>): string {
  return JSON.stringify({ auth_type, data, ...(expires_at === undefined ? {} : { expires_at }) });
}

interface KnownCredential {
  readonly text: string;
  readonly version: number;
  readonly credential: PluginCredential;
}

/**
 * A plugin as the gateway knows providers. Made anew with every configuration; `known` lives on with the port, so that a
 * credential that did not change keeps its leases.
 */
export function createPluginProvider(parts: PluginProviderParts, known: KnownCredentials): Provider {
  const { manifest, port, credentials, choice, learnSecret } = parts;
  const { provider } = manifest;
  if (provider === undefined) throw new TypeError(`The plugin ${manifest.name} is no provider.`);
  const operations: readonly string[] = provider.operations ?? ['chat'];
  const globs = provider.supported_models;
  for (const { id, secret } of credentials) known.learn(id, secret.reveal(), learnSecret);

  const attemptOf = (input: UpstreamCallInput, attempt: AttemptContext): PluginAttempt | undefined => {
    const entry = known.get(input.credential.id);
    if (entry === undefined) return undefined;
    return {
      streamId: streamIdOf(attempt.requestId, attempt.attemptNumber),
      requestId: attempt.requestId,
      operation: input.operation,
      protocol: input.protocol,
      model: input.model,
      isStream: input.isStream,
      credential: entry.credential,
      credentialVersion: entry.version,
      get sessionId() {
        return attempt.sessionId();
      },
      attempt: attempt.attemptNumber,
      get headers() {
        return attempt.clientHeaders();
      },
    };
  };

  const transport: PluginTransport = {
    type: 'plugin',
    credentials,
    ...(choice === undefined ? {} : { choice }),
    ...(parts.refreshed === undefined ? {} : { refreshed: parts.refreshed }),
    prepare(input, context) {
      const attempt = attemptOf(input, context);
      if (attempt === undefined)
        throw new TypeError(`The credential ${input.credential.id} is not one of this provider.`);
      const leased = port.leased(attempt);
      if (leased !== undefined) return callOf(port, attempt, leased.call, leased.values);
      return port
        .prepare(attempt, () => context.body())
        .then((prepared) => {
          if (prepared.type === 'refused') return { refused: { error: prepared.error, next: prepared.next } };
          const { call, values, changed } = prepared;
          return {
            ...callOf(port, attempt, call, values),
            ...(prepared.body === undefined ? {} : { body: prepared.body }),
            ...(changed.length === 0 ? {} : { changed }),
            ...(prepared.body === undefined ? {} : { abandon: () => port.abandon(attempt.streamId) }),
          };
        });
    },
    async explain(failure) {
      const entry = known.get(failure.credentialId);
      if (entry === undefined) return undefined;
      const verdict = await port.explain(failedAttempt(failure, entry, manifest), {
        status: failure.status,
        headers: headerList(failure.headers),
        body: failure.body,
      });
      if (verdict === undefined) return undefined;
      const {
        code,
        kind,
        fault,
        message,
        next,
        cool_down_until: until,
        cool_down_scope: scope = 'model',
        condition,
      } = verdict;
      return {
        code,
        kind,
        fault,
        next,
        ...(message === undefined ? {} : { message }),
        ...(until === undefined ? {} : { coolDown: { until, scope } }),
        ...(condition === undefined ? {} : { condition }),
      };
    },
  };

  return {
    id: parseProviderId(provider.id),
    displayName: provider.display_name,
    models: parts.models ?? globs.filter((name) => !name.includes('*')),
    serves: (model) => globs.some((glob) => matchGlob(glob, model)),
    protocolsFor(operation, model) {
      if (!operations.includes(operation)) return [];
      const protocol = protocolFor(manifest, model);
      return protocol === undefined ? [] : [parseProtocolId(protocol)];
    },
    transport,
  };
}

/** What the plugin's credentials are, over all configurations of one process of the host. */
export interface KnownCredentials {
  learn(id: string, secret: string, learnSecret: (data: unknown) => void): void;
  get(id: string): KnownCredential | undefined;
  /** The credential is gone. */
  forget(id: string): void;
}

export function createKnownCredentials(): KnownCredentials {
  const known = new Map<string, KnownCredential>();
  let lastVersion = 0;
  return {
    learn(id, text, learnSecret) {
      if (known.get(id)?.text === text) return;
      const parsed: Omit<PluginCredential, 'id'> = JSON.parse(text);
      learnSecret(parsed.data);
      known.set(id, { text, version: ++lastVersion, credential: { id, ...parsed } });
    },
    get: (id) => known.get(id),
    forget: (id) => void known.delete(id),
  };
}

function callOf(port: PluginPort, attempt: PluginAttempt, call: LeasedCall, values: LeaseValues): PluginCall {
  const { method, read, patcher } = call;
  const { rewrite } = patcher;
  return {
    ...upstreamCallOf(call, values),
    method,
    ...(rewrite === undefined ? {} : { rewrite: (body: unknown) => rewrite(body, values) }),
    ...(patcher.envelope === undefined ? {} : { envelope: patcher.envelope(values) }),
    reading:
      read.dialect === 'plugin'
        ? {
            type: 'foreign',
            open: ({ status, headers, ...answer }) =>
              port.read(attempt, { reading: read, status, headers: headerList(headers), ...answer }),
          }
        : {
            type: 'dialect',
            protocol: parseProtocolId(read.dialect),
            ...(read.unwrap === undefined ? {} : { unwrap: read.unwrap }),
          },
  };
}

function failedAttempt(failure: UpstreamFailure, entry: KnownCredential, manifest: PluginManifest): PluginAttempt {
  return {
    streamId: streamIdOf(failure.requestId, failure.attemptNumber),
    requestId: failure.requestId,
    operation: failure.operation,
    protocol: protocolFor(manifest, failure.model) ?? '',
    model: failure.model,
    isStream: false,
    credential: entry.credential,
    credentialVersion: entry.version,
    sessionId: failure.requestId,
    attempt: failure.attemptNumber,
  };
}

const streamIdOf = (requestId: RequestId, attempt: number): string => `${requestId}:${attempt}`;

function headerList(headers: Readonly<Record<string, string | readonly string[] | undefined>>): HttpHeaderList {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : typeof value === 'string' ? [[name, value]] : value.map((one) => [name, one]),
  );
}
