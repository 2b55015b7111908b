import type { ChatRequest } from './chat-request.ts';
import type { ProtocolId, ProviderId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { PluginTransport } from './plugin-transport.ts';
import type { StreamEvent } from './stream-event.ts';
import type { Credential, CredentialChoice, SealedCall, UpstreamCall, UpstreamCallInput } from './upstream-call.ts';

export interface HttpTransport {
  readonly type: 'http';
  readonly credentials: readonly Credential[];
  /** Absent means in turn. */
  readonly choice?: CredentialChoice;
  /** Pure and cheap: runs once per attempt. */
  prepare(input: UpstreamCallInput): UpstreamCall;
  /**
   * Headers that depend on the final body or on a token that is fetched: name, value, name, value. Absent where the key
   * itself is sent. Rejects with a ProxyCastError; `authentication` means the credential is bad.
   */
  authorize?(sealed: SealedCall): readonly string[] | Promise<readonly string[]>;
  /** The upstream refused a call as not authenticated: what `authorize` fetched for this credential is not used again. */
  forget?(credential: Credential): void;
}

/** A provider that lives inside ProxyCast and needs no network. */
export interface LocalTransport {
  readonly type: 'local';
  answer(request: ChatRequest): readonly StreamEvent[];
  countTokens(request: ChatRequest): number;
}

/** What the gateway knows of a provider. */
export interface Provider {
  readonly id: ProviderId;
  readonly displayName: string;
  /** Model names it is known to serve, for lists and routing; it may serve others. */
  readonly models: readonly string[];
  /** Whether it serves a model by a pattern of names that are not all listed. */
  readonly serves?: (model: string) => boolean;
  /** The dialects it answers in for an operation and a model, best first; empty when it has none. */
  protocolsFor(operation: Operation, model: string): readonly ProtocolId[];
  /** It keeps the answers it is asked to keep, and finds them by their ids. */
  readonly keepsAnswers?: boolean;
  readonly transport: HttpTransport | PluginTransport | LocalTransport;
}
