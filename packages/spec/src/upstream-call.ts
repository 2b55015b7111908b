import type { CredentialId, ProtocolId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { Secret } from './secret.ts';

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
