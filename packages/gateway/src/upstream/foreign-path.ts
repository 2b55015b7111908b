import {
  type CallReading,
  type ForeignReader,
  type ProxyCastError,
  type StreamEvent,
  type TokenUsage,
  UpstreamError,
} from '@proxycast/spec';
import type { AnswerConverter } from '../conversion/answer-converter.ts';
import { asProxyCastError } from '../exchange.ts';
import type { AnswerFailure, AnswerPath, ForeignSteps, Opening, StreamEnd, WholeEnd } from './answer-path.ts';

const WAIT: Opening = { type: 'wait' };
const STILL_READ: StreamEnd = { type: 'wait' };
const UNREAD: AnswerFailure = { type: 'fault', code: 'upstream_not_read', what: 'gave an answer that nobody reads' };

/** The provider reads the answer: bytes go to it, and what they say comes back later, for as many bytes as had come by then. */
export class ForeignPath implements AnswerPath {
  readonly passesUnread = false;
  readonly excerpt = undefined;
  failure: ProxyCastError | undefined;
  answerBytes = 0;

  readonly #reading: Extract<CallReading, { readonly type: 'foreign' }>;
  readonly #abandon: (() => void) | undefined;
  readonly #origin: string;
  readonly #isStreamAsked: boolean;
  readonly #converter: AnswerConverter;
  readonly foreign: ForeignSteps;
  #reader: ForeignReader | undefined;
  /** Read, and not yet taken. */
  #events: StreamEvent[] = [];
  /** All of them, for a client that asked for a whole answer. */
  readonly #collected: StreamEvent[] | undefined;
  #isGiving = false;
  #hasMessageEnded = false;
  #isUpstreamClosed = false;
  #hasEnded = false;

  constructor(parts: {
    readonly reading: Extract<CallReading, { readonly type: 'foreign' }>;
    /** Called when no answer came to be read. */
    readonly abandon: (() => void) | undefined;
    readonly origin: string;
    readonly isStreamAsked: boolean;
    readonly converter: AnswerConverter;
  }) {
    this.#reading = parts.reading;
    this.#abandon = parts.abandon;
    this.#origin = parts.origin;
    this.#isStreamAsked = parts.isStreamAsked;
    this.#converter = parts.converter;
    this.#collected = parts.isStreamAsked ? undefined : [];
    this.foreign = { start: (head, listener) => this.#start(head, listener) };
  }

  get contentType(): string {
    return this.#isStreamAsked ? this.#converter.streamContentType : 'application/json; charset=utf-8';
  }

  streamFramingOf(): undefined {
    return undefined;
  }

  startStream(): void {}

  open(chunk: Buffer): Opening {
    this.#give(chunk);
    const text = this.#take();
    if (this.failure !== undefined) return { type: 'failed', failure: { type: 'error', error: this.failure } };
    return text === '' ? WAIT : { type: 'open', bytes: Buffer.from(text) };
  }

  push(chunk: Buffer): Buffer | undefined {
    this.#give(chunk);
    const text = this.#take();
    return text === '' ? undefined : Buffer.from(text);
  }

  endStream(): StreamEnd {
    if (!this.#isUpstreamClosed) {
      this.#isUpstreamClosed = true;
      this.#reader?.end();
    }
    if (!this.#hasEnded) return STILL_READ;
    const text = this.#take();
    if (this.failure === undefined && !this.#hasMessageEnded) {
      this.failure = new UpstreamError({
        code: 'upstream_cut',
        message: 'The upstream ended its stream before the answer was complete.',
      });
    }
    const bytes = text === '' ? {} : { bytes: Buffer.from(text) };
    if (this.failure !== undefined) {
      return { type: 'broken', failure: { type: 'error', error: this.failure }, ...bytes };
    }
    if (this.#collected !== undefined) {
      const whole = JSON.stringify(this.#converter.fold(this.#collected));
      return { type: 'complete', bytes: Buffer.from(whole) };
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

  findErrorAtStart(): undefined {
    return undefined;
  }

  readWhole(): WholeEnd {
    return { type: 'failed', failure: UNREAD };
  }

  readUsage(): TokenUsage | undefined {
    return this.#converter.usage;
  }

  close(): void {
    if (this.#reader === undefined) this.#abandon?.();
    else if (!this.#hasEnded) this.#reader.abort();
    this.#hasEnded = true;
    this.#events = [];
  }

  #start(...[head, listener]: Parameters<ForeignSteps['start']>): void {
    // While bytes are given, whoever gives them takes what comes back at once.
    const tell = (): void => {
      if (!this.#isGiving) listener.onReady();
    };
    const reader = this.#reading.open({
      ...head,
      origin: this.#origin,
      onEvents: (events) => {
        for (const event of events) this.#events.push(event);
        tell();
      },
      onEnd: (error) => {
        this.#hasEnded = true;
        this.failure ??= error;
        tell();
      },
      onDrain: listener.resume,
    });
    this.#reader = {
      push: (chunk) => {
        const hasRoom = reader.push(chunk);
        if (!hasRoom) listener.pause();
        return hasRoom;
      },
      end: () => reader.end(),
      abort: () => reader.abort(),
    };
  }

  #give(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.answerBytes += chunk.length;
    this.#isGiving = true;
    this.#reader?.push(chunk);
    this.#isGiving = false;
  }

  /** What has been read since the last time, in the client's dialect. */
  #take(): string {
    const events = this.#events;
    if (events.length === 0) return '';
    this.#events = [];
    try {
      return this.#convert(events);
    } catch (cause) {
      this.failure ??= asProxyCastError(cause);
      return '';
    }
  }

  #convert(events: readonly StreamEvent[]): string {
    const refined = this.#converter.refine(events);
    const last = refined[refined.length - 1];
    const shown = last?.type === 'error' ? refined.slice(0, -1) : refined;
    if (last?.type === 'error') this.failure ??= last.error;
    this.#hasMessageEnded ||= shown.some(({ type }) => type === 'message-end');
    if (this.#collected === undefined) return this.#converter.encode(shown);
    for (const event of shown) this.#collected.push(event);
    return '';
  }
}
