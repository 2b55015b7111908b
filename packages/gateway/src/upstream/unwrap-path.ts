import type { Frame, ProxyCastError, TokenUsage } from '@proxycast/spec';
import { createFrameReader, type FrameReader, sliceField } from '@proxycast/wire';
import { asProxyCastError } from '../exchange.ts';
import type { AnswerFailure, AnswerPath, Opening, StreamEnd, StreamFraming, WholeEnd } from './answer-path.ts';
import type { PassPath } from './pass-path.ts';

const NOTHING: Opening = { type: 'wait' };

/**
 * The client's own dialect, one field deep in every frame and in a whole body: it is cut out, and passes as it is. A frame
 * without the field passes whole, for errors stand outside of it.
 */
export class UnwrapPath implements AnswerPath {
  readonly passesUnread = false;
  /** Bytes that are no frames. */
  failure: ProxyCastError | undefined;

  readonly #field: string;
  readonly #inner: PassPath;
  #reader: FrameReader | undefined;
  #answerBytes = 0;

  constructor(field: string, inner: PassPath) {
    this.#field = field;
    this.#inner = inner;
  }

  get contentType(): string | undefined {
    return this.#inner.contentType;
  }

  get excerpt(): AnswerPath['excerpt'] {
    return this.#inner.excerpt;
  }

  get answerBytes(): number {
    return this.#answerBytes;
  }

  streamFramingOf(contentType: string): StreamFraming | undefined {
    const framing = this.#inner.streamFramingOf(contentType);
    return framing === 'sse' ? framing : undefined;
  }

  startStream(framing: StreamFraming): void {
    this.#reader = createFrameReader(framing);
    this.#inner.startStream(framing);
  }

  open(chunk: Buffer): Opening {
    const bytes = this.#unwrap(this.#read(chunk));
    if (this.failure !== undefined) return { type: 'failed', failure: { type: 'error', error: this.failure } };
    return bytes === undefined ? NOTHING : this.#inner.open(bytes);
  }

  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#unwrap(this.#read(chunk));
    return bytes === undefined ? undefined : this.#inner.push(bytes);
  }

  endStream(isOpen: boolean): StreamEnd {
    const rest = this.#unwrap(this.#reader?.end() ?? []);
    if (rest === undefined) return this.#inner.endStream(isOpen);
    if (isOpen) return withBytes(this.#inner.push(rest), this.#inner.endStream(true));
    const opening = this.#inner.open(rest);
    if (opening.type === 'failed') return { type: 'broken', failure: opening.failure };
    return withBytes(opening.type === 'open' ? opening.bytes : undefined, this.#inner.endStream(true));
  }

  keepAlive(): Buffer | undefined {
    return this.#inner.keepAlive();
  }

  breakOff(...error: Parameters<AnswerPath['breakOff']>): string {
    return this.#inner.breakOff(...error);
  }

  findErrorAtStart(held: Buffer): AnswerFailure | undefined {
    return this.#inner.findErrorAtStart(held);
  }

  readWhole(body: Buffer, contentType: string | undefined): WholeEnd {
    this.#answerBytes = body.length;
    const inner = sliceField(body.toString('utf8'), this.#field);
    return this.#inner.readWhole(inner === undefined ? body : Buffer.from(inner), contentType);
  }

  readUsage(): TokenUsage | undefined {
    return this.#inner.readUsage();
  }

  #read(chunk: Buffer): readonly Frame[] {
    this.#answerBytes += chunk.length;
    if (this.failure !== undefined) return [];
    try {
      return this.#reader?.push(chunk) ?? [];
    } catch (cause) {
      this.failure = asProxyCastError(cause);
      return [];
    }
  }

  #unwrap(frames: readonly Frame[]): Buffer | undefined {
    if (frames.length === 0) return undefined;
    let text = '';
    for (const { event, data } of frames) {
      const inner = sliceField(data, this.#field) ?? data;
      // What was cut out is JSON: a line break in it would stand between values, where a blank does as well.
      text += `${event === undefined ? '' : `event: ${event}\n`}data: ${inner.includes('\n') ? inner.replaceAll('\n', ' ') : inner}\n\n`;
    }
    return Buffer.from(text);
  }
}

function withBytes(before: Buffer | undefined, end: StreamEnd): StreamEnd {
  if (before === undefined || end.type === 'wait') return end;
  return { ...end, bytes: end.bytes === undefined ? before : Buffer.concat([before, end.bytes]) };
}
