import {
  type DecodeAnswerContext,
  type Frame,
  type JsonObject,
  type StreamDecoder,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { countOf, errorFieldsOf, isObject, parseJson, textOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { type AnswerState, CandidateDecoder } from './decode-candidate.ts';
import { describeError } from './decode-error.ts';
import { decodeUsage } from './decode-usage.ts';
import { extensionOf } from './field-names.ts';
import { finishReasonName, isBrokenCall } from './map-stop-reason.ts';

export const createStreamDecoder = (context: DecodeAnswerContext): StreamDecoder => new AnswerDecoder(context);

/** More answers than the service gives to one request. */
const MAX_CANDIDATES = 64;
const ANSWER_STATUS = 200;
/** Every frame counts, up to itself; each to be said would cost more than its text. What a leaving client misses is little. */
const FRAMES_BETWEEN_COUNTS = 15;
/** What of a response is neutral, or is read by itself. */
const READ_FIELDS: ReadonlySet<string> = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId']);

/**
 * Reads frames of which each is a whole response with the new pieces. That an answer has ended is said when the upstream
 * closes: a reason to stop may come before the counts and the sources, and some servers say one in every frame.
 */
export class AnswerDecoder implements StreamDecoder {
  readonly #context: DecodeAnswerContext;
  readonly #state: AnswerState;
  #hasBegun = false;
  readonly #candidates: CandidateDecoder[] = [];
  /** Why the prompt was not answered at all. */
  #blockReason: string | undefined;
  #firstFields: JsonObject = {};
  /** What later frames say of the response that the first did not. */
  #laterFields: Record<string, unknown> | undefined;
  /** Counts that have not been said yet. */
  #usage: JsonObject | undefined;
  #framesToCount = 0;
  #isOver = false;

  constructor(context: DecodeAnswerContext) {
    this.#context = context;
    this.#state = { events: [], origin: context.origin, place: context.fallbackId, nextBlock: 0 };
  }

  push(frames: readonly Frame[]): readonly StreamEvent[] {
    for (const { data } of frames) {
      if (this.#isOver) break;
      if (data === '' || data === '[DONE]') continue;
      const value = parseJson(data);
      if (value === undefined) this.#fail(invalidFrame());
      else if (Array.isArray(value)) for (const element of value) this.#read(element);
      else this.#read(value);
    }
    return this.#take();
  }

  end(): readonly StreamEvent[] {
    if (!this.#isOver) this.#finish(false);
    return this.#take();
  }

  /** An answer that came in one piece is complete, also where it gives no reason. */
  decodeWhole(body: JsonObject): readonly StreamEvent[] {
    this.#read(body);
    if (!this.#isOver) this.#finish(true);
    return this.#take();
  }

  /** A stream whose elements are all there. */
  decodeElements(elements: readonly unknown[]): readonly StreamEvent[] {
    for (const element of elements) this.#read(element);
    return this.end();
  }

  #take(): readonly StreamEvent[] {
    const { events } = this.#state;
    if (events.length > 0) this.#state.events = [];
    return events;
  }

  #read(value: unknown): void {
    if (this.#isOver || !isObject(value)) return;
    const { candidates, usageMetadata, promptFeedback } = value;
    if (isObject(value.error) && candidates === undefined) {
      this.#fail(errorOf(value));
      return;
    }
    if (this.#hasBegun) this.#noteFields(value);
    else this.#begin(value);
    if (isObject(promptFeedback)) {
      this.#blockReason = finishReasonName(promptFeedback.blockReason) ?? this.#blockReason;
    }
    if (isObject(usageMetadata)) this.#count(usageMetadata);
    if (!Array.isArray(candidates)) return;
    for (const candidate of candidates) if (isObject(candidate)) this.#readCandidate(candidate);
  }

  #count(usageMetadata: JsonObject): void {
    this.#usage = usageMetadata;
    if (this.#framesToCount-- > 0) return;
    this.#framesToCount = FRAMES_BETWEEN_COUNTS;
    this.#sayUsage();
  }

  #sayUsage(): void {
    if (this.#usage === undefined) return;
    this.#state.events.push({ type: 'usage', usage: decodeUsage(this.#usage) });
    this.#usage = undefined;
  }

  #begin(value: JsonObject): void {
    const { responseId, modelVersion, createTime } = value;
    const id = textOf(responseId) ?? this.#context.fallbackId;
    const kept: Record<string, unknown> = {};
    for (const name in value) if (!READ_FIELDS.has(name)) kept[name] = value[name];
    const fields = extensionOf(kept);
    const createdAtMs = typeof createTime === 'string' ? Date.parse(createTime) : Number.NaN;
    this.#hasBegun = true;
    this.#firstFields = kept;
    this.#state.place = id;
    this.#state.events.push({
      type: 'message-start',
      id,
      model: textOf(modelVersion) ?? this.#context.model,
      ...(Number.isNaN(createdAtMs) ? {} : { createdAtSeconds: Math.floor(createdAtMs / 1000) }),
      ...(fields === undefined ? {} : { extensions: { [GEMINI]: fields } }),
    });
  }

  #noteFields(value: JsonObject): void {
    for (const name in value) {
      if (READ_FIELDS.has(name) || value[name] === this.#firstFields[name]) continue;
      this.#laterFields ??= {};
      this.#laterFields[name] = value[name];
    }
  }

  #readCandidate(candidate: JsonObject): void {
    const index = countOf(candidate.index) ?? 0;
    if (index >= MAX_CANDIDATES) return;
    // Answers are named by number, so a number stands for those before it too.
    while (this.#candidates.length <= index) {
      this.#candidates.push(new CandidateDecoder(this.#candidates.length, this.#state));
    }
    const decoder = this.#candidates[index];
    if (decoder === undefined) return;
    decoder.read(candidate);
    if (decoder.finishReason !== undefined && isBrokenCall(decoder.finishReason)) {
      this.#fail(brokenCall());
    }
  }

  #finish(isWhole: boolean): void {
    const isBlocked = this.#blockReason !== undefined;
    const isEnded = (decoder: CandidateDecoder): boolean => isBlocked || decoder.finishReason !== undefined;
    if (this.#candidates.length === 0 ? !isBlocked : !(isWhole || this.#candidates.every(isEnded))) {
      this.#fail(isWhole ? noAnswer() : cut());
      return;
    }
    for (const decoder of this.#candidates) decoder.close(false);
    this.#sayUsage();
    const laterFields = this.#laterFields === undefined ? {} : { responseFields: this.#laterFields };
    if (this.#candidates.length === 0) {
      const fields = extensionOf(laterFields);
      this.#state.events.push({
        type: 'message-end',
        reason: 'refusal',
        ...(this.#blockReason === undefined ? {} : { upstreamReason: this.#blockReason }),
        ...(fields === undefined ? {} : { extensions: { [GEMINI]: fields } }),
      });
    }
    this.#candidates.forEach((decoder, index) => {
      if (isBlocked) decoder.finishReason ??= 'SAFETY';
      decoder.end(index === 0 ? laterFields : {});
    });
    this.#isOver = true;
  }

  #fail(error: UpstreamError): void {
    for (const decoder of this.#candidates) decoder.close(true);
    this.#sayUsage();
    this.#state.events.push({ type: 'error', error });
    this.#isOver = true;
  }
}

function errorOf(value: JsonObject): UpstreamError {
  const fields = errorFieldsOf(value) ?? { error: {}, message: 'The upstream failed without a reason.' };
  const { kind, code, message, retryAfterMs } = describeError(fields, ANSWER_STATUS, () => undefined);
  return new UpstreamError({ kind, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

const invalidFrame = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_invalid_frame',
    message: 'The upstream sent a frame that is not JSON. Try again.',
  });

const cut = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_cut',
    message: 'The upstream closed the stream before the answer was complete. Try again.',
  });

const noAnswer = (): UpstreamError =>
  new UpstreamError({ code: 'upstream_invalid', message: 'The upstream answered without an answer. Try again.' });

const brokenCall = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_malformed_tool_call',
    message: 'The model wrote a tool call that cannot be run. Try again.',
  });
