import type { AcceptedMedia } from './accepted-media.ts';
import type { FinishedAnswer } from './answer-keeping.ts';
import type { ChatRequest } from './chat-request.ts';
import type { ChatResponse } from './chat-response.ts';
import type { JsonObject } from './extensions.ts';
import type { StreamEvent } from './stream-event.ts';

/** One frame of a stream: the name of its event, where the framing has one, and its data as text. */
export interface Frame {
  readonly event?: string;
  readonly data: string;
}

/** What a conversion had to change or leave out. */
export interface ConversionChange {
  /** The field as the dialect it came from names it, for example `logprobs` or `messages.3.content.1`. */
  readonly field: string;
  /** `dropped`: it is gone. `changed`: it went in another form or value. `added`: the other side demands it. */
  readonly action: 'dropped' | 'changed' | 'added';
}

export type ReportChange = (field: string, action: ConversionChange['action']) => void;

/** What a dialect cannot carry and has to be put back when the answer comes. */
export interface ToolBridge {
  /** By the name the upstream was given. A tool that is not here kept its name. */
  readonly tools: ReadonlyMap<string, BridgedTool>;
}

export interface BridgedTool {
  /** As the client named it. */
  readonly name: string;
  /** `custom`: the client's tool takes free text; the upstream was given a function with the one field `input`. */
  readonly kind: 'function' | 'custom';
  readonly namespace?: string;
}

export interface DecodeRequestContext {
  /** From the path, in dialects that have the model there. */
  readonly pathModel?: string;
  readonly isStream: boolean;
  /** Counting tokens takes the same body with fewer required fields. */
  readonly isTokenCount?: boolean;
}

export interface EncodeRequestContext {
  /** The name the upstream is asked by. */
  readonly model: string;
  readonly isStream: boolean;
  /** Of the upstream, `{protocol}:{provider}`: only signatures and files of this origin, or of the bare dialect, may go to it. */
  readonly origin: string;
  readonly report: ReportChange;
  /** The model's own bound, where it is known. */
  readonly maxOutputTokens?: number;
  readonly isTokenCount?: boolean;
}

export interface EncodedRequest {
  readonly body: JsonObject;
  /** Headers the body asks for, for example a beta flag. Lower-case name, value. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly bridge?: ToolBridge;
}

export interface DecodeAnswerContext {
  /** Put on every signature of the answer. */
  readonly origin: string;
  /** For an answer that has none. */
  readonly fallbackId: string;
  /** For an answer that names none. */
  readonly model: string;
}

export interface EncodeAnswerContext {
  /** As the client sent it: dialects repeat parts of it, or answer differently for it. */
  readonly request: ChatRequest;
  readonly nowMs: number;
  /** A rough count of the request's tokens, for dialects that say one before the true one has come. */
  readonly estimatedInputTokens?: number;
  readonly report?: ReportChange;
  /** The answer is kept: it gets this id, says what `request` says of keeping, and is handed over at its end. */
  readonly kept?: { readonly id: string; readonly finished: (answer: FinishedAnswer) => void };
}

/** Frames in, the events that are complete out. Pure and synchronous; one for each stream. */
export interface StreamDecoder {
  push(frames: readonly Frame[]): readonly StreamEvent[];
  /**
   * The upstream has closed: what is still to be said. An answer that was not complete ends with an `error` event
   * (`upstream_cut`), after the ends of blocks that are open.
   */
  end(): readonly StreamEvent[];
}

/** Events in, bytes as text out. After an `error` event nothing more is written. */
export interface StreamEncoder {
  push(events: readonly StreamEvent[]): string;
  /** After the last event: terminators, where the answer was complete. */
  end(): string;
}

/** The half of a dialect's conversion that calls an upstream: requests out, answers in. Pure, synchronous, without HTTP. */
export interface UpstreamCodec {
  /** Throws InvalidRequestError for what cannot be honoured and would change the meaning. */
  encodeRequest(request: ChatRequest, context: EncodeRequestContext): EncodedRequest;
  /** Throws UpstreamError when it is no answer of this dialect. */
  decodeAnswer(body: unknown, context: DecodeAnswerContext): ChatResponse;
  createStreamDecoder(context: DecodeAnswerContext): StreamDecoder;
  /** The input tokens a counting endpoint of this dialect answered; `undefined` when it did not say. */
  decodeTokenCount(body: unknown): number | undefined;
  /**
   * What may stand in a request, so that addresses the service would not read are fetched before it is encoded. `protocol` is the base id of
   * the dialect the client spoke. Absent: addresses go as they are, or are refused.
   */
  acceptedMedia?(request: { readonly protocol: string; readonly model: string }): AcceptedMedia;
  /** The query that asks an upstream of this dialect for a stream, where the method alone does not; begins with `?`. */
  readonly streamQuery?: string;
}

/** The half that serves a client: requests in, answers out. Pure, synchronous, without HTTP. */
export interface ClientCodec {
  /** Throws InvalidRequestError, naming the field as the dialect itself does. */
  decodeRequest(body: unknown, context: DecodeRequestContext): ChatRequest;
  encodeAnswer(response: ChatResponse, context: EncodeAnswerContext): JsonObject;
  createStreamEncoder(context: EncodeAnswerContext & { readonly framing: 'sse' | 'json-array' }): StreamEncoder;
  encodeTokenCount(count: number): JsonObject;
  /** Whether blocks of one answer may overlap in a stream of this dialect; where not, they are put one after the other. */
  readonly interleavesBlocks: boolean;
  /** How a client that asked this way expects a stream to be framed; `sse` where the dialect knows only that. */
  streamFraming?(query: URLSearchParams): 'sse' | 'json-array';
}

/** A dialect's conversion to and from the neutral forms. */
export interface ChatCodec extends UpstreamCodec, ClientCodec {}
