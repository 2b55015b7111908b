import { type Frame, type StreamDecoder, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { AnswerDecoder, type AnswerParts } from './answer-decoder.ts';
import { decodeFailure, describeFailure } from './decode-failure.ts';
import { RepeatedDelta } from './repeated-delta.ts';

const DONE = '[DONE]';
const MOST_TRIES = 16;

/**
 * Chunks of a stream to events. What comes after the reason to stop is read too: counts, text of services that give a reason
 * with every chunk, an error. The end is said at `[DONE]`, or when the upstream closes after a reason to stop.
 */
export const createStreamDecoder = (parts: AnswerParts): StreamDecoder => new ChatStreamDecoder(parts);

class ChatStreamDecoder implements StreamDecoder {
  readonly #answer: AnswerDecoder;
  #repeated: RepeatedDelta | undefined;
  /** How often it is still worth to look for chunks that repeat each other: some services write each otherwise. */
  #triesLeft: number;
  /** Nothing is read any more: the answer is done, or it failed. */
  #isOver = false;

  constructor(parts: AnswerParts) {
    this.#answer = new AnswerDecoder(parts);
    // Text that is looked at for marks is not only passed on.
    this.#triesLeft = parts.inlineThinking ? 0 : MOST_TRIES;
  }

  push(frames: readonly Frame[]): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const frame of frames) {
      if (this.#isOver) break;
      const text = frame.event === undefined ? this.#repeated?.read(frame.data) : undefined;
      if (text === undefined || this.#repeated === undefined) {
        this.#pushWhole(frame, events);
        continue;
      }
      this.#triesLeft = MOST_TRIES;
      if (text !== '') events.push(this.#repeated.event(text));
    }
    return events;
  }

  end(): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    if (this.#isOver) return events;
    this.#isOver = true;
    if (this.#answer.isFinished) this.#answer.end(events);
    else this.#answer.fail(cut(), events);
    return events;
  }

  #pushWhole(frame: Frame, events: StreamEvent[]): void {
    const { length } = events;
    this.#pushFrame(frame, events);
    this.#repeated = this.#triesLeft > 0 ? RepeatedDelta.of(frame.data, events, length) : undefined;
    if (this.#repeated !== undefined) this.#triesLeft--;
  }

  #pushFrame({ event, data }: Frame, events: StreamEvent[]): void {
    if (data === DONE || data.trim() === DONE) {
      this.#isOver = true;
      if (this.#answer.hasChoices) this.#answer.end(events);
      else this.#answer.fail(cut(), events);
      return;
    }
    // An empty frame keeps a connection alive.
    if (data === '') return;
    const value = parse(data);
    if (value === undefined) this.#fail(invalidFrame(), events);
    else if (event === 'error') this.#fail(describeFailure(value), events);
    else if (isObject(value)) {
      const failure = decodeFailure(value);
      // A chunk with an error may hold a last piece of the answer and its counts.
      if (failure === undefined || Array.isArray(value.choices)) this.#answer.push(value, events);
      if (failure !== undefined) this.#fail(failure, events);
    } else if (Array.isArray(value) && isObject(value[0])) {
      // Gemini's endpoint of this dialect wraps an error in an array.
      const failure = decodeFailure(value[0]);
      if (failure !== undefined) this.#fail(failure, events);
    }
  }

  #fail(error: UpstreamError, events: StreamEvent[]): void {
    this.#isOver = true;
    this.#answer.fail(error, events);
  }
}

/** `undefined` when it is no JSON. */
function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

const cut = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_cut',
    message: 'The upstream closed its stream before the answer was complete.',
  });

const invalidFrame = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_invalid_frame',
    message: 'The upstream sent an event that is not JSON in the middle of its stream.',
  });
