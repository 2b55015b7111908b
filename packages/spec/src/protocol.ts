import type { AnswerExcerpt, AnswerFraming } from './answer-excerpt.ts';
import type { AnswerKeeping } from './answer-keeping.ts';
import type { ChatCodec, UpstreamCodec } from './chat-codec.ts';
import type { ErrorKind, ProxyCastError } from './errors/proxycast-error.ts';
import type { EpochMs, ProtocolId } from './ids.ts';
import type { Operation } from './operation.ts';
import type { TokenUsage } from './usage.ts';

/** One path on which clients speak a dialect. */
export interface ClientEndpoint {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Absolute path; may hold one `{model}` or `{id}`, which may contain slashes when it is `{model}`. */
  readonly path: string;
  readonly operation: Operation;
  /** Where the model name is: top level of the JSON body, the path, a multipart form, or nowhere. */
  readonly model: 'body' | 'path' | 'form' | 'none';
  /** Whether the answer streams: as the body's `stream` says, always, or never. */
  readonly stream: 'body' | 'always' | 'never';
}

export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An upstream's error, read in the dialect it was written in. */
export interface DecodedError {
  readonly kind: ErrorKind;
  /** The upstream's own code or type, for example `rate_limit_exceeded`. */
  readonly code: string;
  /** The upstream's own words, for the client that sent the request; not for logs. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The first value of a header; the name in lower case. */
export type HeaderReader = (name: string) => string | undefined;

export interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
  readonly createdAt: EpochMs;
}

/** The model list in a dialect's own shape, as JSON values. */
export interface ModelListRenderer {
  /** Where clients of the dialect list models; `{path}/{id}` is one of them. Several dialects may share a path. */
  readonly paths: readonly string[];
  /** On a shared path: the header by which a client of this dialect is known. Lower case. */
  readonly selectedByHeader?: string;
  renderList(models: readonly ListedModel[], query: URLSearchParams): unknown;
  renderOne(model: ListedModel): unknown;
}

/** A dialect as far as upstreams speak it. */
export interface UpstreamProtocol {
  readonly id: ProtocolId;
  /** The dialect it is a variant of; its own id where it is none. Bytes pass between dialects of one base. */
  readonly base: ProtocolId;
  /** Answer headers of the dialect that travel back, as lower-case prefixes. */
  readonly forwardedResponseHeaders: readonly string[];
  /** The framing of a streamed answer, from its content type. */
  framingOf(contentType: string): AnswerFraming | undefined;
  /** Reads an error answer; `undefined` when the body is not this dialect's error form. */
  decodeError(status: number, header: HeaderReader, body: string): DecodedError | undefined;
  /** An error inside a 200: a whole body, or the first frames of a stream. */
  findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined;
  /** Requests of the base dialect do not pass as bytes: this variant wants some fields otherwise. */
  readonly rewritesRequests?: boolean;
  /**
   * Texts of which a request of the base dialect holds at least one when it has to be rewritten: bytes without any of them
   * may pass. Absent: any request may have to.
   */
  readonly rewrittenWords?: readonly string[];
  readonly codec?: UpstreamCodec;
}

/**
 * A dialect as the gateway knows it: pure, synchronous functions, registered by the composition root.
 * The gateway never asks which one it is.
 */
export interface Protocol extends UpstreamProtocol {
  readonly endpoints: readonly ClientEndpoint[];
  /** Request headers that belong to the dialect and travel to an upstream that speaks it. Lower case. */
  readonly forwardedRequestHeaders: readonly string[];
  renderError(error: ProxyCastError, requestId: string): RenderedError;
  /** What ends a stream that failed after its first byte: whole frames, in the dialect's own error form. */
  renderStreamError(error: ProxyCastError, excerpt: AnswerExcerpt): string;
  /** Whether a stream that closed had said everything, terminator or stop reason included. */
  isStreamComplete(excerpt: AnswerExcerpt): boolean;
  readUsage(excerpt: AnswerExcerpt): TokenUsage | undefined;
  readonly models?: ModelListRenderer;
  readonly codec?: ChatCodec;
  /** Absent where clients of the dialect send the whole conversation each time. */
  readonly keeping?: AnswerKeeping;
}
