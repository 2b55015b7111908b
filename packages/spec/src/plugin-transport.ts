import type { ErrorKind, Fault, ProxyCastError } from './errors/proxycast-error.ts';
import type { CredentialId, EpochMs, ProtocolId, RequestId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { StreamEvent } from './stream-event.ts';
import type { Credential, CredentialChoice, UpstreamCall, UpstreamCallInput } from './upstream-call.ts';

/**
 * A provider in a process of its own. It never sends: it says how its service is called, mostly once for many requests, and
 * may read what the service answers.
 */
export interface PluginTransport {
  readonly type: 'plugin';
  readonly credentials: readonly Credential[];
  /** Absent means in turn. */
  readonly choice?: CredentialChoice;
  /** A promise only where the process has to be asked. Rejects with a ProxyCastError. */
  prepare(input: UpstreamCallInput, attempt: AttemptContext): PluginCall | Promise<PluginCall | RefusedCall>;
  /** What an error answer means; `undefined` where its dialect says enough, or the process cannot be asked. */
  explain?(failure: UpstreamFailure): Promise<FailureVerdict | undefined>;
  /**
   * After a verdict that the token of a credential has to be refreshed was reported: whether it was, once the refresh under way has come
   * to its end. Never rejects, and answers false when that takes too long.
   */
  refreshed?(id: CredentialId): Promise<boolean>;
}

/** What a provider may want to know of an attempt. What costs something is worked out when it is asked for. */
export interface AttemptContext {
  readonly requestId: RequestId;
  /** From 1, over all attempts of the request. */
  readonly attemptNumber: number;
  /** The same for all turns of a conversation, as far as that can be told. */
  sessionId(): string;
  /** The client's own, as far as they belong to its dialect and that is the provider's: name, value. */
  clientHeaders(): readonly (readonly [string, string])[];
  /** The body as it would be sent, in the provider's dialect. */
  body(): Uint8Array;
}

export interface PluginCall extends UpstreamCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** What the service wants otherwise below the top level: the body is parsed for it, after `patch`. */
  readonly rewrite?: (body: unknown) => unknown;
  /** Bytes around the body, last of all: it becomes a field of an envelope. */
  readonly envelope?: { readonly before: Uint8Array; readonly after: Uint8Array };
  /** The body the provider made, in place of the request's own. */
  readonly body?: Uint8Array;
  /** What the provider changed or left out, as its dialect names the fields. */
  readonly changed?: readonly string[];
  readonly reading: CallReading;
  /** The answer was not read: what the provider holds for the call can go. */
  readonly abandon?: () => void;
}

/** How an answer is read. */
export type CallReading =
  /** In a dialect of ours. `unwrap`: it is in this field of every frame, and of a whole body. */
  | { readonly type: 'dialect'; readonly protocol: ProtocolId; readonly unwrap?: string }
  /** In one that only the provider knows. */
  | { readonly type: 'foreign'; readonly open: (answer: ForeignAnswer) => ForeignReader };

/** The provider does not make this call. */
export interface RefusedCall {
  readonly refused: {
    readonly error: ProxyCastError;
    readonly next: 'another_credential' | 'another_provider' | 'stop';
  };
}

/** The head of an answer that the provider reads, and who waits for what it says. */
export interface ForeignAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Put on every signature of the answer. */
  readonly origin: string;
  readonly onEvents: (events: readonly StreamEvent[]) => void;
  /** Once, after the last events. An error: the answer must not end as if it were complete. */
  readonly onEnd: (error?: ProxyCastError) => void;
  /** There is room again, after `push` answered false. */
  readonly onDrain: () => void;
}

/** Bytes of an answer in; what they say comes later, in order. */
export interface ForeignReader {
  /** Answers false when the upstream should pause. */
  push(chunk: Uint8Array): boolean;
  /** The upstream has closed. */
  end(): void;
  /** Nobody waits any more: nothing is called back after it. */
  abort(): void;
}

/** An answer with an error status. */
export interface UpstreamFailure {
  readonly credentialId: CredentialId;
  readonly operation: Operation;
  readonly model: string;
  readonly requestId: RequestId;
  readonly attemptNumber: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Its beginning. */
  readonly body: Uint8Array;
}

/** What a failure means, and what to do next. */
export interface FailureVerdict {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly fault: Fault;
  /** For the client; absent: the words of the service, or ours. */
  readonly message?: string;
  readonly next: 'same' | 'another_credential' | 'another_provider' | 'stop';
  /** The credential rests until then, for this model or for all. */
  readonly coolDown?: { readonly until: EpochMs; readonly scope: 'model' | 'all' };
  /** What the credential has become. */
  readonly condition?: CredentialVerdict;
}

/** Beyond a rest: what a provider says its credential has become. */
export type CredentialVerdict =
  | { readonly type: 'active' }
  /** Its token was refused: it has to be refreshed. */
  | { readonly type: 'refresh' }
  /** Only a person can help. */
  | { readonly type: 'needs_login'; readonly reason: string }
  | { readonly type: 'disabled'; readonly reason: string }
  /** By the vendor, in its own words; permanent. */
  | { readonly type: 'suspended'; readonly words: string; readonly source?: string };
