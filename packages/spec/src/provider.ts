import type { ChatRequest } from './chat-request.ts';
import type { CredentialId, ProtocolId, ProviderId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { PluginTransport } from './plugin-transport.ts';
import type { Secret } from './secret.ts';
import type { StreamEvent } from './stream-event.ts';

/** One call of an upstream, without its body. */
export interface UpstreamCall {
  /** Scheme, host and port, for example `https://api.openai.com`. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value: authentication and what the provider always sends. Names in lower case. */
  readonly headers: readonly string[];
  /** What this endpoint wants otherwise at the top level of the JSON body. */
  readonly patch?: BodyPatch;
}

/** Top-level fields of a JSON body: removed first, then set; all other bytes stay. */
export interface BodyPatch {
  /** The object in this field, where it is there, becomes the body before all else. */
  readonly unwrap?: string;
  readonly remove?: readonly string[];
  readonly set?: Readonly<Record<string, unknown>>;
  /** Added to each object of this list, where the field's name stands nowhere in the body. */
  readonly fill?: { readonly list: string; readonly field: string; readonly value: string };
}

/** A call whose body is final. */
export interface SealedCall {
  readonly call: UpstreamCall;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly body: readonly Uint8Array[];
  readonly credential: Credential;
}

export interface UpstreamCallInput {
  readonly operation: Operation;
  readonly protocol: ProtocolId;
  readonly model: string;
  readonly isStream: boolean;
  /** Value of `{id}` in the client's path. */
  readonly resourceId?: string;
  /** The client's query, without its key. Begins with `?` or is empty. */
  readonly query: string;
  readonly credential: Credential;
}

export interface Credential {
  readonly id: CredentialId;
  /** For people: a name or the key's last characters. */
  readonly label: string;
  readonly secret: Secret;
  /** How much of the requests it gets where credentials are chosen by weight; absent means 1. */
  readonly weight?: number;
}

export const CREDENTIAL_CHOICES = ['round_robin', 'least_used', 'random', 'fill_first', 'weighted'] as const;
/** How a provider's credentials are chosen. `fill_first`: always the first that may be used. */
export type CredentialChoice = (typeof CREDENTIAL_CHOICES)[number];

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
