import type {
  Credential,
  EpochMs,
  Operation,
  ProtocolId,
  ProviderRecord,
  SealedCall,
  UpstreamCall,
  UpstreamCallInput,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import type { GoogleTokens } from './google/google-tokens.ts';
import type { HostShape } from './normalise-host.ts';
import type { Preset } from './preset.ts';

/** What a type makes of a provider's row: where it calls, and in which dialects. */
export interface ProviderCalls {
  /** Best first. */
  protocolsFor(operation: Operation, model: string): readonly ProtocolId[];
  /** Throws InvalidRequestError for a combination that `protocolsFor` does not name. */
  prepare(input: UpstreamCallInput): UpstreamCall;
  /** As in HttpTransport: headers that need the final body or a fetched token. */
  readonly authorize?: (sealed: SealedCall) => readonly string[] | Promise<readonly string[]>;
  /** As in HttpTransport: what was fetched for this credential was refused. */
  readonly forget?: (credential: Credential) => void;
  /** As in Provider: it keeps responses and finds them by their ids. Absent: it is not relied upon. */
  readonly keepsAnswers?: boolean;
  /** The calls that list the provider's models, each page by page; empty where there is none. */
  readonly modelLists: readonly ModelListing[];
  /** Free calls that only a good key gets an answer to, tried in order. Absent: the first list is one. */
  readonly keyChecks?: readonly KeyCheck[];
  /** What a person lists are names of his own (deployments), which only a question to one of them proves. */
  readonly hasOwnModelNames?: boolean;
}

/** A list of models: GET, authorised as every call is. */
export interface ModelListing {
  call(secret: string, page: { readonly cursor?: string; readonly limit?: number }): UpstreamCall;
  /** Where to read on after an answer; absent where all comes at once. */
  cursorOf?(answer: JsonObject): string | undefined;
}

/** A free call that proves a key. */
export interface KeyCheck {
  readonly method: 'GET' | 'POST';
  call(secret: string): UpstreamCall;
  readonly body?: JsonObject;
  /** What an answer with a good status says of the key. */
  judge?(answer: JsonObject): 'valid' | 'invalid' | 'no-credit';
}

export interface ProviderCallsInput {
  readonly record: ProviderRecord;
  /** Normalised, without a slash at the end. */
  readonly base: string;
  /** The preset of this id, as long as the row's host is still the preset's. */
  readonly preset?: Preset;
  readonly tools?: ProviderCallTools;
  /** How the row says the key is sent; absent: as the type or the preset does it. */
  readonly auth?: KeyHeaders;
}

/** The headers that carry a key: name, value, name, value. */
export type KeyHeaders = (secret: string) => readonly string[];

/** One way of calling providers: how hosts are read, which extra fields there are, and the calls. */
export interface ProviderType {
  readonly type: string;
  readonly host: HostShape;
  readonly extraFields: readonly ('api_version' | 'project' | 'location' | 'region')[];
  /** A provider of this type can be called without a key. */
  readonly isKeyOptional?: boolean;
  /** The host follows from the other fields; the row's may be empty. */
  readonly isHostOptional?: boolean;
  createCalls(input: ProviderCallsInput): ProviderCalls;
}

/** What calls need beyond pure data; given once by the composition root. */
export interface ProviderCallTools {
  readonly now: () => EpochMs;
  readonly googleTokens: GoogleTokens;
  /** The variant of Chat Completions that a provider of this id speaks; the plain dialect where there is none. */
  readonly variantOf?: (providerId: string) => ProtocolId | undefined;
}
