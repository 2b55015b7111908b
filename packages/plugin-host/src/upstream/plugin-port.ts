import {
  type EpochMs,
  type Operation,
  PluginError,
  ProxyCastError,
  type StreamEvent,
  type UpstreamCall,
} from '@proxycast/spec';
import type {
  AnswerReading,
  FailureVerdict,
  HttpHeaderList,
  InitializeResult,
  PluginCredential,
  PreparedCall,
  PrepareParams,
  PrepareRefusal,
} from '@proxycast/spec/plugin';
import type { Grants } from '../broker/grants.ts';
import type { PluginSupervisor } from '../process/plugin-supervisor.ts';
import { matchGlob } from '../registry/match-glob.ts';
import { createDecodePacer } from './decode-pacer.ts';
import type { LeaseValues } from './fill-lease.ts';
import { createLeaseCache, type LeasedCall, type LeaseKey } from './lease-cache.ts';
import { createPluginStreamDecoder, type PluginStreamDecoder } from './plugin-stream-decoder.ts';
import { createRequestPatcher } from './request-patcher.ts';

/** One attempt, as the plugin has to know it. */
export interface PluginAttempt {
  readonly streamId: string;
  readonly requestId: string;
  readonly operation: Operation;
  /** The dialect the body is in: the target protocol of the model. */
  readonly protocol: string;
  readonly model: string;
  readonly isStream: boolean;
  readonly credential: PluginCredential;
  /** Rises with every change of the credential: a lease of an older one is none. */
  readonly credentialVersion: number;
  readonly sessionId: string;
  readonly attempt: number;
  /** Of the client's, as far as they belong to the dialect. */
  readonly headers?: HttpHeaderList;
}

export type PreparedAttempt =
  | {
      readonly type: 'call';
      readonly call: LeasedCall;
      readonly values: LeaseValues;
      readonly body?: Uint8Array;
      readonly changed: readonly string[];
    }
  | { readonly type: 'refused'; readonly error: ProxyCastError; readonly next: NonNullable<PrepareRefusal['next']> };

/** What the gateway needs of one plugin: how a request goes to its service, and how the answer is read. */
export interface PluginPort {
  /** Without a call, a promise or a wait: the steady state. `undefined`: ask with `prepare`. */
  leased(attempt: PluginAttempt): { readonly call: LeasedCall; readonly values: LeaseValues } | undefined;
  /** Whether the body of this model's requests travels to the plugin: then there is never a lease. */
  transforms(model: string): boolean;
  /** `body`: in the target protocol; asked for only where `transforms` says so. Throws PluginError. */
  prepare(attempt: PluginAttempt, body?: () => Uint8Array, signal?: AbortSignal): Promise<PreparedAttempt>;
  /** For an answer whose reading is `dialect: 'plugin'`. */
  read(
    attempt: PluginAttempt,
    answer: {
      readonly reading: AnswerReading;
      readonly status: number;
      readonly headers: HttpHeaderList;
      readonly origin: string;
      readonly onEvents: (events: readonly StreamEvent[]) => void;
      readonly onEnd: (error?: ProxyCastError) => void;
      readonly onDrain?: () => void;
    },
  ): PluginStreamDecoder;
  /** The attempt was prepared with its body and no answer was read: what the plugin kept for it can go. */
  abandon(streamId: string): void;
  /** `undefined` when the plugin has no opinion or cannot be asked: the gateway judges by itself. */
  explain(
    attempt: PluginAttempt,
    failure: { readonly status: number; readonly headers: HttpHeaderList; readonly body: Uint8Array },
  ): Promise<FailureVerdict | undefined>;
  /** The credential changed or is gone. */
  dropCredential(credentialId: string): void;
  /** Settings or grants changed. */
  dropLeases(): void;
  /** Calls to the plugin for requests so far; leases make none. */
  readonly calls: number;
}

export interface PluginPortParts {
  readonly plugin: string;
  readonly supervisor: PluginSupervisor;
  readonly grants: () => Grants;
  readonly now: () => EpochMs;
  readonly setTimer: (callback: () => void, delayMs: number) => () => void;
}

const MAX_EXPLAINED_BYTES = 256 * 1024;
/** Named by whoever sends, or hop by hop. */
const OWN_HEADERS = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'te',
  'trailer',
  'expect',
];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;

export function createPluginPort({ plugin, supervisor, grants, now, setTimer }: PluginPortParts): PluginPort {
  const leases = createLeaseCache();
  const pacer = createDecodePacer({ monotonicMs: () => performance.now(), setTimer });
  /** Of the same lease wanted at once, the plugin is asked for one. */
  const asking = new Map<string, Promise<PreparedAttempt>>();
  let request: InitializeResult['request'];
  let seen: InitializeResult | undefined;
  let calls = 0;

  /** As the process says; as the last one said while there is none. */
  function capabilities(): InitializeResult | undefined {
    const { state } = supervisor;
    if (state.type === 'running' && state.capabilities !== seen) {
      seen = state.capabilities;
      request = seen.request;
    }
    return seen;
  }

  function transforms(model: string): boolean {
    capabilities();
    if (request?.transform !== 'rpc') return false;
    return request.transform_models?.some((glob) => matchGlob(glob, model)) ?? true;
  }

  const keyOf = (attempt: PluginAttempt): LeaseKey => ({
    credentialId: attempt.credential.id,
    credentialVersion: attempt.credentialVersion,
    operation: attempt.operation,
    model: attempt.model,
    isStream: attempt.isStream,
  });
  /** The session costs a look at the request: it is worked out where a lease asks for it. */
  const valuesOf = (attempt: PluginAttempt): LeaseValues => ({
    get sessionId() {
      return attempt.sessionId;
    },
    requestId: attempt.requestId,
    model: attempt.model,
    nowMs: now(),
  });

  function checkTarget({ url, headers }: Pick<PreparedCall, 'url' | 'headers'>): void {
    const fault = URL.canParse(url) ? undefined : 'it is no address';
    const verdict = fault === undefined ? grants().judgeUrl(new URL(url)) : { type: 'refused' as const, why: fault };
    if (verdict.type === 'refused') {
      throw oddly(`wants to send to ${URL.canParse(url) ? new URL(url).host : 'nowhere'}: ${verdict.why}`);
    }
    const odd = headers.find(
      ([name = '', value = '']) =>
        !HEADER_NAME.test(name) || OWN_HEADERS.includes(name.toLowerCase()) || /[\0\r\n]/.test(value),
    );
    if (odd !== undefined) throw oddly('sets a header that it may not set');
  }

  const oddly = (what: string): PluginError =>
    new PluginError({
      plugin,
      code: 'plugin_protocol',
      message: `The plugin ${plugin} ${what}. Update it, or report it to its author.`,
    });

  async function ask(
    attempt: PluginAttempt,
    body: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<PreparedAttempt> {
    const params: PrepareParams = {
      stream_id: attempt.streamId,
      request_id: attempt.requestId,
      operation: attempt.operation,
      protocol: attempt.protocol,
      model: attempt.model,
      is_stream: attempt.isStream,
      credential: attempt.credential,
      session_id: attempt.sessionId,
      attempt: attempt.attempt,
      ...(attempt.headers === undefined ? {} : { headers: attempt.headers }),
    };
    calls++;
    const { result, attachment } = await supervisor.call('request.prepare', params, {
      ...(body === undefined ? {} : { attachment: body }),
      ...(signal === undefined ? {} : { signal }),
    });
    switch (result.type) {
      case 'refused':
        return {
          type: 'refused',
          next: result.next ?? 'another_provider',
          error: new ProxyCastError({
            code: result.code,
            kind: result.kind,
            fault: result.kind === 'invalid-request' || result.kind === 'too-large' ? 'client' : 'plugin',
            message: result.message,
            ...(result.field === undefined ? {} : { field: result.field }),
          }),
        };
      case 'lease': {
        checkTarget(result);
        const values = valuesOf(attempt);
        leases.put(keyOf(attempt), result, values.nowMs);
        const call = leases.take(keyOf(attempt), values);
        if (call === undefined) throw oddly('gave a lease that has ended already');
        return { type: 'call', call, values, changed: [] };
      }
      case 'call': {
        checkTarget(result);
        const { origin, pathname, search } = new URL(result.url);
        return {
          type: 'call',
          values: valuesOf(attempt),
          call: {
            method: result.method,
            origin,
            path: pathname + search,
            headers: result.headers.flatMap(([name = '', value = '']) => [name.toLowerCase(), value]),
            patcher: createRequestPatcher(result.patch),
            read: result.read,
          },
          // A copy: the frame it came in is the network's.
          ...(result.has_body === true ? { body: Uint8Array.from(attachment) } : {}),
          changed: result.changed ?? [],
        };
      }
    }
  }

  return {
    leased(attempt) {
      const values = valuesOf(attempt);
      const call = leases.take(keyOf(attempt), values);
      return call === undefined ? undefined : { call, values };
    },
    transforms,
    async prepare(attempt, body, signal) {
      // Whether bodies travel is known once it has said so.
      if (capabilities() === undefined && supervisor.state.type === 'starting') await supervisor.start();
      if (transforms(attempt.model)) return await ask(attempt, body?.(), signal);
      if (request?.sign_each === true) return await ask(attempt, undefined, signal);
      const key = JSON.stringify(keyOf(attempt));
      const running = asking.get(key);
      if (running === undefined) {
        const started = ask(attempt, undefined, undefined).finally(() => asking.delete(key));
        asking.set(key, started);
        return await started;
      }
      await running;
      const values = valuesOf(attempt);
      const call = leases.take(keyOf(attempt), values);
      // It was no lease, or good for one use alone.
      return call === undefined ? await ask(attempt, undefined, signal) : { type: 'call', call, values, changed: [] };
    },
    read(attempt, { reading, status, headers, ...answer }) {
      return createPluginStreamDecoder({
        plugin,
        supervisor: {
          call: (...call) => {
            calls++;
            return supervisor.call(...call);
          },
          notify: supervisor.notify,
        },
        streamId: attempt.streamId,
        pacer,
        framing: attempt.isStream || reading.framing === 'aws-event-stream' ? (reading.framing ?? 'raw') : 'whole',
        head: { status, headers, model: attempt.model, isStream: attempt.isStream },
        ...answer,
      });
    },
    abandon: (streamId) => supervisor.notify('response.abort', { stream_id: streamId }),
    async explain(attempt, { status, headers, body }) {
      if (capabilities()?.methods.includes('failure.explain') !== true) return undefined;
      try {
        calls++;
        const { result } = await supervisor.call(
          'failure.explain',
          {
            stream_id: attempt.streamId,
            operation: attempt.operation,
            model: attempt.model,
            credential: attempt.credential,
            status,
            headers,
            attempt: attempt.attempt,
          },
          { attachment: body.subarray(0, MAX_EXPLAINED_BYTES) },
        );
        return result;
      } catch (cause) {
        if (cause instanceof PluginError) return undefined;
        throw cause;
      }
    },
    dropCredential: leases.dropCredential,
    dropLeases: leases.clear,
    get calls() {
      return calls;
    },
  };
}

/** A lease in the words of the gateway's own providers; what goes deeper is in its `patcher`. */
export function upstreamCallOf({ origin, path, headers, patcher }: LeasedCall, values: LeaseValues): UpstreamCall {
  const patch = patcher.top(values);
  return patch === undefined ? { origin, path, headers } : { origin, path, headers, patch };
}
