import type {
  CredentialCandidate,
  CredentialParseResult,
  CredentialRefreshResult,
  CredentialUsage,
  CredentialValidateResult,
  FailureParams,
  FailureVerdict,
  HookAnswer,
  HttpHeaderList,
  LoginEnded,
  LoginPolled,
  LoginStarted,
  PluginCredential,
  PluginEvent,
  PluginListedModel,
  PluginParams,
  PrepareParams,
  PrepareResult,
} from '@proxycast/spec/plugin';
import type { HostClient } from './host/host-client.ts';

type Awaitable<Value> = Value | Promise<Value>;
export type Settings = Readonly<Record<string, unknown>>;

/** What every capability is given beside its params. */
export interface PluginContext {
  readonly host: HostClient;
  /** As they are now. */
  readonly settings: Settings;
  /** For example `en` or `zh-CN`. */
  readonly locale: string;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface CallContext extends PluginContext {
  /** The host wants no answer any more. */
  readonly signal: AbortSignal;
}

/** One frame of an answer, cut by the host. */
export interface AnswerFrame {
  /** The name the framing gives it. Of AWS's event stream: the event type, `exception:{type}` or `error:{code}`. */
  readonly event?: string;
  /** A view: copy what is kept. */
  readonly bytes: Uint8Array;
  /** The bytes as text. */
  text(): string;
}

export interface AnswerHead {
  readonly streamId: string;
  readonly status: number;
  readonly headers: HttpHeaderList;
  readonly model: string;
  /** Whether the client asked for a stream; a whole answer is one frame. */
  readonly isStream: boolean;
}

/** Frames in, the events that are complete out. One for each answer; synchronous. */
export interface AnswerDecoder {
  push(frames: readonly AnswerFrame[]): readonly PluginEvent[];
  /** The upstream has closed: what is still to be said. An answer that was not complete ends with an `error` event. */
  end(): readonly PluginEvent[];
}

/** Params and results are named as on the wire, so that the contract's description holds for every language. */
export interface CredentialCapability {
  parse(
    input: {
      readonly auth_type: string;
      readonly form?: Settings;
      readonly file?: { name: string; bytes: Uint8Array };
    },
    context: CallContext,
  ): Awaitable<CredentialParseResult>;
  scan?(context: CallContext): Awaitable<readonly CredentialCandidate[]>;
  validate?(credential: PluginCredential, context: CallContext): Awaitable<CredentialValidateResult>;
  /**
   * Spends the refresh token, once: no retries in here. `failed` without a condition says that the token is still good. What is
   * thrown after the request was sent leaves that open, and the login has to be made anew.
   */
  refresh?(
    credential: PluginCredential,
    reason: PluginParams<'credential.refresh'>['reason'],
    context: CallContext,
  ): Awaitable<CredentialRefreshResult>;
  usage?(credential: PluginCredential, context: CallContext): Awaitable<CredentialUsage>;
}

export interface LoginCapability {
  start(params: PluginParams<'login.start'>, context: CallContext): Awaitable<LoginStarted>;
  poll?(loginId: string, context: CallContext): Awaitable<LoginPolled>;
  complete?(params: PluginParams<'login.complete'>, context: CallContext): Awaitable<LoginEnded>;
  cancel?(loginId: string, context: CallContext): Awaitable<void>;
}

export interface RequestCapability {
  /** The body travels to `prepare`. Absent: it never does, and `prepare` answers leases. */
  readonly transform?: 'rpc';
  /** Globs of the models whose bodies travel. Absent: all. */
  readonly transformModels?: readonly string[];
  /** Ask for each request, though the body does not travel. */
  readonly signEach?: boolean;
  /** `body`: the request in the target protocol's dialect; empty without `transform`. */
  prepare(
    params: PrepareParams & { readonly body: Uint8Array },
    context: CallContext,
  ): Awaitable<PrepareResult & { readonly body?: Uint8Array }>;
}

export interface ResponseCapability {
  /** Begins one answer that is read with `dialect: 'plugin'`. */
  open(head: AnswerHead, context: PluginContext): AnswerDecoder;
  /** The attempt `streamId` has ended, in whatever way: forget what `prepare` kept for it. */
  closed?(streamId: string): void;
}

export interface HookCapability {
  request?(
    params: PluginParams<'hook.request'> & { readonly body: Uint8Array },
    context: CallContext,
  ): Awaitable<HookAnswer & { readonly body?: Uint8Array }>;
  response?(
    params: PluginParams<'hook.response'> & { readonly body: Uint8Array },
    context: CallContext,
  ): Awaitable<HookAnswer & { readonly body?: Uint8Array }>;
  events?(
    params: PluginParams<'hook.events'> & { readonly events: readonly PluginEvent[] },
    context: CallContext,
  ): Awaitable<readonly PluginEvent[]>;
  error?(params: PluginParams<'hook.error'>, context: PluginContext): void;
}

/** What a plugin can do. A capability it does not have is a property it does not have. */
export interface PluginDefinition {
  readonly credential?: CredentialCapability;
  readonly login?: LoginCapability;
  readonly models?: {
    list?(credential: PluginCredential | undefined, context: CallContext): Awaitable<readonly PluginListedModel[]>;
  };
  readonly request?: RequestCapability;
  readonly response?: ResponseCapability;
  readonly failure?: {
    explain(params: FailureParams & { readonly body: Uint8Array }, context: CallContext): Awaitable<FailureVerdict>;
  };
  readonly hook?: HookCapability;
  readonly config?: { updated(context: PluginContext): Awaitable<void> };
  /** Once, after the hand-shake. */
  started?(context: PluginContext): Awaitable<void>;
  /** Before the process ends. */
  stopping?(context: PluginContext): Awaitable<void>;
}

export interface ProviderDefinition extends PluginDefinition {
  /** The provider's id, as in `plugin.json`. */
  readonly id: string;
  readonly credential: CredentialCapability;
  readonly request: RequestCapability;
}
