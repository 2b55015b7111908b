import type { CredentialPool } from '@proxycast/credentials';
import type { RoutingTable } from '@proxycast/routing';
import type {
  AttemptFact,
  ClientKey,
  DecodeRequestContext,
  EpochMs,
  ListedModel,
  Protocol,
  ProtocolId,
  RequestId,
  ResponsesStore,
  UpstreamProtocol,
} from '@proxycast/spec';
import type { ConversionWorker } from './conversion/conversion-worker.ts';
import type { AnswerHook, RequestHook } from './hooks.ts';
import { DEFAULT_MEDIA_SETTINGS, type FetchMedia, type MediaSettings } from './media-settings.ts';

/** Bounds and time limits; live settings, replaced whole. */
export interface GatewaySettings {
  readonly maxBodyBytes: number;
  /** Request bodies held at one time, over all requests. */
  readonly maxBufferedBytes: number;
  readonly maxAttempts: number;
  /** From a sent request to the upstream's answer head. Reasoning models think for minutes. */
  readonly upstreamHeadTimeoutMs: number;
  /** Between two chunks of an answer. */
  readonly upstreamIdleTimeoutMs: number;
  readonly upstreamConnectTimeoutMs: number;
  /** How long a client may leave written bytes unread. */
  readonly clientStallTimeoutMs: number;
  readonly media: MediaSettings;
  /** Whether answers are kept here for clients that want to name them later. */
  readonly keepsResponses: boolean;
  readonly responsesRetentionMs: number;
  /** Answers that are worked on while nobody waits for them, over all clients. */
  readonly maxBackgroundResponses: number;
}

export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = {
  // Under the 32 MB of the largest vendor limit for messages, over the 25 MB of audio uploads.
  maxBodyBytes: 28 * 1024 * 1024,
  maxBufferedBytes: 1024 * 1024 * 1024,
  maxAttempts: 8,
  upstreamHeadTimeoutMs: 10 * 60_000,
  upstreamIdleTimeoutMs: 5 * 60_000,
  upstreamConnectTimeoutMs: 10_000,
  clientStallTimeoutMs: 5 * 60_000,
  media: DEFAULT_MEDIA_SETTINGS,
  keepsResponses: true,
  responsesRetentionMs: 30 * 86_400_000,
  maxBackgroundResponses: 50,
};

/** What a request sees of the configuration, from beginning to end; a change makes a new one. */
export interface GatewaySnapshot {
  /** By the lower-case hex SHA-256 of the key. */
  readonly clientKeys: ReadonlyMap<string, ClientKey>;
  readonly routing: RoutingTable;
  readonly models: readonly ListedModel[];
  /** What only upstreams speak, by id: variants, and dialects without client endpoints. */
  readonly upstreamProtocols: ReadonlyMap<string, UpstreamProtocol>;
  readonly settings: GatewaySettings;
  readonly requestHooks: readonly RequestHook[];
  readonly answerHooks: readonly AnswerHook[];
}

export interface GatewayLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface KeepingParts {
  readonly store: ResponsesStore;
  /** Unique, for records of kept answers. */
  readonly newId: () => string;
  /** This process, the same after a restart: whose work it is that an answer is not done. */
  readonly runner: string;
}

/** Estimates the input tokens of a request in a thread of its own. Rejects with a ProxyCastError. */
export type EstimateTokens = (request: {
  readonly body: readonly Uint8Array[];
  /** The dialect the body is written in. */
  readonly client: ProtocolId;
  readonly decoding: DecodeRequestContext;
  /** As the upstream is asked. */
  readonly model: string;
}) => Promise<number>;

export interface GatewayParts {
  /** What clients may speak. */
  readonly protocols: readonly Protocol[];
  /** Converts a large body away from the thread that serves streams; without it all are converted here. */
  readonly convertLarge?: ConversionWorker['convert'];
  /** Fetches what clients name by an address; without it such addresses are refused where the upstream does not read them. */
  readonly fetchMedia?: FetchMedia;
  /** Estimates tokens for upstreams that cannot count them, away from the thread that serves streams. */
  readonly estimateTokens?: EstimateTokens;
  /** How long an answer of a model may be, where it is known; in tokens. */
  readonly maxOutputTokens?: (model: string) => number | undefined;
  /** The dialect of paths that several dialects share, such as the model list, when no header says which. */
  readonly defaultProtocol: Protocol;
  readonly snapshot: () => GatewaySnapshot;
  readonly credentials: CredentialPool;
  /** Takes a fact and returns at once. */
  readonly observe: (fact: AttemptFact) => void;
  readonly log: GatewayLog;
  readonly now: () => EpochMs;
  /** Milliseconds with fractions, for durations. */
  readonly monotonicMs: () => number;
  readonly newRequestId: () => RequestId;
  /** Absent: no answer is kept, and what requests say of it is the upstream's business. */
  readonly keeping?: KeepingParts;
  /** Sent upstream as `user-agent`. */
  readonly userAgent: string;
}
