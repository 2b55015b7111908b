import type {
  AnswerExcerpt,
  AnswerFraming,
  DecodedError,
  Operation,
  Protocol,
  ProxyCastError,
  TokenUsage,
} from '@proxycast/spec';
import {
  AnswerRecorder,
  createFrameGate,
  createJsonArrayGate,
  type FrameGate,
  findLastSseBoundary,
} from '@proxycast/wire';
import type { PassedAnswer } from '../keeping/passed-answer.ts';
import type { AnswerFailure, AnswerPath, Opening, StreamEnd, StreamFraming, WholeEnd } from './answer-path.ts';

/** How much of an answer is looked through for an error inside it. */
const MAX_SEARCHED_BYTES = 64 * 1024;

const EMPTY = Buffer.alloc(0);
const WAIT: Opening = { type: 'wait' };

const CUT: AnswerFailure = {
  type: 'fault',
  code: 'upstream_cut',
  what: 'ended its stream before the answer was complete',
};
const EMPTY_ANSWER: AnswerFailure = {
  type: 'fault',
  code: 'upstream_empty',
  what: 'answered with status 200 and nothing in it',
};

/** Client and upstream speak the same dialect: bytes pass, framed and tapped, never parsed. */
export class PassPath implements AnswerPath {
  readonly passesUnread = true;
  readonly contentType = undefined;
  /** Bytes pass: an error inside an open stream is the upstream's own last word. */
  readonly failure: ProxyCastError | undefined = undefined;

  readonly #protocol: Protocol;
  readonly #operation: Operation;
  readonly #isStreamAsked: boolean;
  readonly #mayBeEmpty: boolean;
  #framing: AnswerFraming = 'whole';
  #gate: FrameGate | undefined;
  /** Of an answer that passes in pieces. */
  #recorder: AnswerRecorder | undefined;
  /** An answer that was held whole. */
  #whole: AnswerExcerpt | undefined;
  #wholeBytes = 0;
  /** Where the answer is kept: all of it. */
  readonly #passed: PassedAnswer | undefined;

  constructor(parts: {
    readonly protocol: Protocol;
    readonly operation: Operation;
    readonly isStreamAsked: boolean;
    /** Whether an empty body is an answer: only where nothing was asked for. */
    readonly mayBeEmpty: boolean;
    readonly passed?: PassedAnswer | undefined;
  }) {
    this.#protocol = parts.protocol;
    this.#operation = parts.operation;
    this.#isStreamAsked = parts.isStreamAsked;
    this.#mayBeEmpty = parts.mayBeEmpty;
    this.#passed = parts.passed;
  }

  streamFramingOf(contentType: string): StreamFraming | undefined {
    const framing = this.#protocol.framingOf(contentType);
    return framing === 'whole' ? undefined : framing;
  }

  startStream(framing: StreamFraming): void {
    this.#framing = framing;
    if (this.#passed !== undefined) this.#passed.framing = framing;
    this.#gate = framing === 'sse' ? createFrameGate(findLastSseBoundary) : createJsonArrayGate();
  }

  open(chunk: Buffer): Opening {
    const frames = this.#gate?.push(chunk);
    if (frames === undefined) return WAIT;
    const failure = this.findErrorAtStart(frames);
    if (failure !== undefined) return { type: 'failed', failure };
    this.#record(frames);
    return { type: 'open', bytes: frames };
  }

  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#gate === undefined ? chunk : this.#gate.push(chunk);
    if (bytes !== undefined) this.#record(bytes);
    return bytes;
  }

  endStream(isOpen: boolean): StreamEnd {
    const rest = this.#gate?.rest() ?? EMPTY;
    if (!isOpen) {
      // Everything there is fits before the first frame boundary: at most one frame without its blank line.
      const failure = rest.length === 0 ? EMPTY_ANSWER : this.findErrorAtStart(rest);
      if (failure !== undefined) return { type: 'broken', failure };
    }
    this.#record(rest);
    if (this.#operation !== 'chat' || this.#protocol.isStreamComplete(this.#excerpt())) {
      return { type: 'complete', bytes: rest.length === 0 ? undefined : rest };
    }
    // The held piece of a frame is dropped.
    return { type: 'broken', failure: CUT };
  }

  keepAlive(): undefined {
    return undefined;
  }

  breakOff(error: ProxyCastError): string {
    return this.#protocol.renderStreamError(error, this.#excerpt());
  }

  findErrorAtStart(held: Buffer): AnswerFailure | undefined {
    return this.#findError(held, held.toString('utf8', 0, MAX_SEARCHED_BYTES));
  }

  readWhole(body: Buffer, contentType: string | undefined): WholeEnd {
    this.#wholeBytes = body.length;
    this.#passed?.push(body);
    const text = body.toString('utf8');
    const failure =
      this.#findError(body, text) ??
      (this.#isStreamAsked
        ? { type: 'fault', code: 'upstream_not_streaming', what: 'did not stream although it was asked to' }
        : this.#findDamage(body, contentType));
    this.#whole = { framing: 'whole', head: text, tail: text, isWhole: true };
    return failure === undefined ? { type: 'answer', body } : { type: 'failed', failure };
  }

  readUsage(): TokenUsage | undefined {
    return this.answerBytes === 0 ? undefined : this.#protocol.readUsage(this.#excerpt());
  }

  get excerpt(): AnswerExcerpt | undefined {
    return this.answerBytes === 0 ? undefined : this.#excerpt();
  }

  get answerBytes(): number {
    return this.#recorder?.totalBytes ?? this.#wholeBytes;
  }

  #record(bytes: Buffer): void {
    this.#recorder ??= new AnswerRecorder();
    this.#recorder.push(bytes);
    this.#passed?.push(bytes);
  }

  #excerpt(): AnswerExcerpt {
    if (this.#whole !== undefined) return this.#whole;
    this.#recorder ??= new AnswerRecorder();
    return this.#recorder.excerpt(this.#framing);
  }

  /** An error inside a 200. */
  #findError(body: Buffer, text: string): AnswerFailure | undefined {
    const decoded: DecodedError | undefined = this.#protocol.findErrorInAnswer(text, this.#framing);
    return decoded === undefined ? undefined : { type: 'refused-inside', decoded, body };
  }

  /** A whole JSON answer that is none. */
  #findDamage(body: Buffer, contentType: string | undefined): AnswerFailure | undefined {
    if (body.length === 0) return this.#mayBeEmpty ? undefined : EMPTY_ANSWER;
    if (contentType === undefined) return undefined;
    let last = body.length - 1;
    while (last > 0 && (body[last] ?? 0) <= 0x20) last--;
    const end = body[last];
    if (end === 0x7d || end === 0x5d) return undefined;
    return { type: 'fault', code: 'upstream_cut', what: 'sent JSON that breaks off' };
  }
}
