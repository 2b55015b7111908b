import {
  type DecodedError,
  type Frame,
  GatewayError,
  type Operation,
  ProxyCastError,
  type StreamEvent,
  type TokenUsage,
  type UpstreamProtocol,
} from '@proxycast/spec';
import { createFrameReader, type FrameReader, sliceField } from '@proxycast/wire';
import type { AnswerConverter } from '../conversion/answer-converter.ts';
import type { AnswerFailure, AnswerPath, Opening, StreamEnd, StreamFraming, WholeEnd } from './answer-path.ts';

const WAIT: Opening = { type: 'wait' };
const NO_ANSWER: AnswerFailure = {
  type: 'fault',
  code: 'upstream_empty',
  what: 'answered with status 200 and nothing in it',
};
const NOT_JSON: AnswerFailure = { type: 'fault', code: 'upstream_cut', what: 'sent a body that is not whole JSON' };

/** Client and upstream speak different dialects: what has arrived together is decoded, encoded and sent together. */
export class ConvertPath implements AnswerPath {
  readonly passesUnread = false;
  readonly excerpt = undefined;
  failure: ProxyCastError | undefined;
  answerBytes = 0;

  readonly #upstream: UpstreamProtocol;
  readonly #operation: Operation;
  readonly #isStreamAsked: boolean;
  readonly #converter: AnswerConverter;
  readonly #unwrap: string | undefined;
  #reader: FrameReader | undefined;
  /** A stream for a client that asked for a whole answer. */
  #events: StreamEvent[] | undefined;

  constructor(parts: {
    readonly upstream: UpstreamProtocol;
    readonly operation: Operation;
    readonly isStreamAsked: boolean;
    readonly converter: AnswerConverter;
    /** The answer is in this field of every frame, and of a whole body. */
    readonly unwrap?: string | undefined;
  }) {
    this.#upstream = parts.upstream;
    this.#operation = parts.operation;
    this.#isStreamAsked = parts.isStreamAsked;
    this.#converter = parts.converter;
    this.#unwrap = parts.unwrap;
  }

  get contentType(): string {
    return this.#isStreamAsked ? this.#converter.streamContentType : 'application/json; charset=utf-8';
  }

  streamFramingOf(contentType: string): StreamFraming | undefined {
    const framing = this.#upstream.framingOf(contentType);
    // A JSON array is a stream only where one was asked for.
    return framing === 'whole' || (framing === 'json-array' && !this.#isStreamAsked) ? undefined : framing;
  }

  startStream(framing: StreamFraming): void {
    this.#reader = createFrameReader(framing);
    if (!this.#isStreamAsked) this.#events = [];
  }

  open(chunk: Buffer): Opening {
    const events = this.#read(chunk);
    if (this.failure !== undefined) return { type: 'failed', failure: { type: 'error', error: this.failure } };
    if (this.#events !== undefined) {
      for (const event of events) this.#events.push(event);
      return WAIT;
    }
    const text = events.length === 0 ? '' : this.#converter.encode(events);
    return text === '' ? WAIT : { type: 'open', bytes: Buffer.from(text) };
  }

  push(chunk: Buffer): Buffer | undefined {
    const events = this.#read(chunk);
    const text = events.length === 0 ? '' : this.#converter.encode(events);
    return text === '' ? undefined : Buffer.from(text);
  }

  endStream(): StreamEnd {
    const frames = this.#unwrapped(this.#reader?.end() ?? []);
    const events = [
      ...this.#decode(() => this.#converter.decode(frames)),
      ...this.#decode(() => this.#converter.end()),
    ];
    if (this.#events !== undefined) {
      if (this.failure !== undefined) return { type: 'broken', failure: { type: 'error', error: this.failure } };
      for (const event of events) this.#events.push(event);
      return { type: 'complete', bytes: this.#render(this.#converter.fold(this.#events)) };
    }
    const text = this.#converter.encode(events);
    if (this.failure !== undefined) {
      return {
        type: 'broken',
        failure: this.answerBytes === 0 ? NO_ANSWER : { type: 'error', error: this.failure },
        ...(text === '' ? {} : { bytes: Buffer.from(text) }),
      };
    }
    return { type: 'complete', bytes: Buffer.from(text + this.#converter.endEncoding()) };
  }

  keepAlive(): Buffer | undefined {
    const text = this.#converter.encode([{ type: 'ping' }]);
    return text === '' ? undefined : Buffer.from(text);
  }

  breakOff(error: ProxyCastError): string {
    return this.#converter.encode([{ type: 'error', error }]) + this.#converter.endEncoding();
  }

  findErrorAtStart(): AnswerFailure | undefined {
    return undefined;
  }

  readWhole(body: Buffer): WholeEnd {
    this.answerBytes = body.length;
    if (body.length === 0) return { type: 'failed', failure: NO_ANSWER };
    const received = body.toString('utf8');
    const text = this.#unwrap === undefined ? received : (sliceField(received, this.#unwrap) ?? received);
    const decoded: DecodedError | undefined = this.#upstream.findErrorInAnswer(text, 'whole');
    if (decoded !== undefined) return { type: 'failed', failure: { type: 'refused-inside', decoded, body } };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return { type: 'failed', failure: NOT_JSON };
    }
    try {
      return { type: 'answer', body: this.#convertWhole(value) };
    } catch (cause) {
      return { type: 'failed', failure: { type: 'error', error: asError(cause) } };
    }
  }

  readUsage(): TokenUsage | undefined {
    return this.#converter.usage;
  }

  #convertWhole(value: unknown): Buffer {
    if (this.#operation === 'count-tokens') return this.#render(this.#converter.convertTokenCount(value));
    if (!this.#isStreamAsked) return this.#render(this.#converter.convertWhole(value));
    const events = this.#converter.unfold(value);
    return Buffer.from(this.#converter.encode(events) + this.#converter.endEncoding());
  }

  #render(value: unknown): Buffer {
    return Buffer.from(JSON.stringify(value));
  }

  #read(chunk: Buffer): readonly StreamEvent[] {
    this.answerBytes += chunk.length;
    const reader = this.#reader;
    if (reader === undefined || this.failure !== undefined) return [];
    return this.#decode(() => this.#converter.decode(this.#unwrapped(reader.push(chunk))));
  }

  /** A frame without the field stays as it is: errors stand outside of it. */
  #unwrapped(frames: readonly Frame[]): readonly Frame[] {
    const field = this.#unwrap;
    return field === undefined
      ? frames
      : frames.map((frame) => ({ ...frame, data: sliceField(frame.data, field) ?? frame.data }));
  }

  /** Events up to an error, which is kept aside: how it is told depends on whether anything has left. */
  #decode(read: () => readonly StreamEvent[]): readonly StreamEvent[] {
    let events: readonly StreamEvent[];
    try {
      events = read();
    } catch (cause) {
      this.failure ??= asError(cause);
      return [];
    }
    const last = events[events.length - 1];
    if (last?.type !== 'error') return events;
    this.failure ??= last.error;
    return events.slice(0, -1);
  }
}

/** A codec that throws is our fault, never a reason to end the process or to leave the client without an end. */
function asError(cause: unknown): ProxyCastError {
  if (cause instanceof ProxyCastError) return cause;
  return new GatewayError({
    code: 'conversion_failed',
    kind: 'internal',
    isPublic: false,
    message: 'The answer could not be converted.',
    cause,
  });
}
