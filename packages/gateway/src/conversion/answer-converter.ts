import {
  createBlockSerialiser,
  createStopReasonSettler,
  createToolRestorer,
  foldAnswer,
  mergeUsage,
  restoreToolBlocks,
  settleStopReasons,
  unfoldAnswer,
} from '@proxycast/conversion';
import {
  type ChatResponse,
  type ClientCodec,
  type DecodeAnswerContext,
  type EncodeAnswerContext,
  type Frame,
  type JsonObject,
  type StreamDecoder,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  type ToolBridge,
  type UpstreamCodec,
  UpstreamError,
} from '@proxycast/spec';

export interface AnswerConverterParts {
  readonly upstream: UpstreamCodec;
  readonly client: ClientCodec;
  readonly decoding: DecodeAnswerContext;
  readonly encoding: EncodeAnswerContext;
  readonly framing: 'sse' | 'json-array';
  readonly bridge?: ToolBridge;
}

type Step = (events: readonly StreamEvent[]) => readonly StreamEvent[];

/** One answer on its way from the upstream's dialect to the client's: frames or a whole body in, text or a body out. */
export class AnswerConverter {
  usage: TokenUsage | undefined;

  readonly #parts: AnswerConverterParts;
  #decoder: StreamDecoder | undefined;
  #encoder: StreamEncoder | undefined;
  #restore: Step | undefined;
  #settle: Step | undefined;
  #serialise: Step | undefined;

  constructor(parts: AnswerConverterParts) {
    this.#parts = parts;
  }

  get streamContentType(): string {
    return this.#parts.framing === 'sse' ? 'text/event-stream; charset=utf-8' : 'application/json; charset=utf-8';
  }

  decode(frames: readonly Frame[]): readonly StreamEvent[] {
    if (frames.length === 0) return frames as readonly never[];
    this.#decoder ??= this.#parts.upstream.createStreamDecoder(this.#parts.decoding);
    return this.refine(this.#decoder.push(frames));
  }

  /** The upstream has closed. */
  end(): readonly StreamEvent[] {
    this.#decoder ??= this.#parts.upstream.createStreamDecoder(this.#parts.decoding);
    return this.refine(this.#decoder.end());
  }

  encode(events: readonly StreamEvent[]): string {
    const { client, encoding, framing } = this.#parts;
    this.#encoder ??= client.createStreamEncoder({ ...encoding, framing });
    return this.#encoder.push(events);
  }

  endEncoding(): string {
    return this.#encoder?.end() ?? '';
  }

  /** A whole answer from the events of a stream. */
  fold(events: readonly StreamEvent[]): JsonObject {
    const { client, decoding, encoding } = this.#parts;
    return client.encodeAnswer(foldAnswer(events, { id: decoding.fallbackId, model: decoding.model }), encoding);
  }

  /** The events of a whole answer. */
  unfold(body: unknown): readonly StreamEvent[] {
    const { upstream, decoding } = this.#parts;
    return this.refine(unfoldAnswer(upstream.decodeAnswer(body, decoding)));
  }

  convertWhole(body: unknown): JsonObject {
    const { upstream, client, decoding, encoding, bridge } = this.#parts;
    const decoded = settleStopReasons(upstream.decodeAnswer(body, decoding));
    this.usage = decoded.usage;
    const restored: ChatResponse = bridge === undefined ? decoded : restoreToolBlocks(decoded, bridge);
    return client.encodeAnswer(restored, encoding);
  }

  convertTokenCount(body: unknown): JsonObject {
    const count = this.#parts.upstream.decodeTokenCount(body);
    if (count === undefined) {
      throw new UpstreamError({
        code: 'upstream_no_count',
        message: 'The upstream answered the counting of tokens without a count.',
      });
    }
    // What is counted is not used: the ledger is left alone.
    return this.#parts.client.encodeTokenCount(count);
  }

  /** Neutral events as the client may see them: names put back, stop reasons settled, blocks one after the other. */
  refine(decoded: readonly StreamEvent[]): readonly StreamEvent[] {
    if (decoded.length === 0) return decoded;
    for (const event of decoded) {
      if (event.type === 'usage')
        this.usage = this.usage === undefined ? event.usage : mergeUsage(this.usage, event.usage);
    }
    const { bridge, client } = this.#parts;
    let events = decoded;
    if (bridge !== undefined) {
      this.#restore ??= createToolRestorer(bridge);
      events = this.#restore(events);
    }
    this.#settle ??= createStopReasonSettler();
    events = this.#settle(events);
    if (client.interleavesBlocks) return events;
    this.#serialise ??= createBlockSerialiser();
    return this.#serialise(events);
  }
}
