import {
  type Citation,
  type ErrorKind,
  type JsonObject,
  type Signature,
  type StreamEvent,
  type TokenLogprob,
  UpstreamError,
} from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { decodeAnnotation } from './annotations.ts';
import { type BlockIds, CallTracker } from './call-tracker.ts';
import { sourceOfAddress } from './data-uri.ts';
import { describeFailure } from './decode-failure.ts';
import { textOfParts } from './decode-part.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { decodeExecutedTools } from './executed-tools.ts';
import { InlineThinkingReader } from './inline-thinking.ts';
import { decodeLogprobs } from './logprobs.ts';
import { mapFailedFinish, mapFinishReason } from './map-finish-reason.ts';
import { isSealed, sealReasoning } from './sealed-reasoning.ts';
import { googleContentOf, thoughtSignatureOf } from './thought-signature.ts';

export interface ChoiceParts {
  readonly choice: number;
  readonly blocks: BlockIds;
  readonly origin: string;
  readonly answerId: string;
  /** Text that begins with `<think>` is thinking. */
  readonly inlineThinking: boolean;
}

type Flow = 'text' | 'thinking' | 'refusal' | 'audio';

/**
 * One choice of an answer: the deltas of a stream, or a whole message as one delta, to events. Text, thinking and the like
 * follow each other; calls may overlap. Nothing is ended before the end of the answer but by what follows it: services send
 * text after the reason to stop.
 */
export class ChoiceDecoder {
  readonly #parts: ChoiceParts;
  readonly #calls: CallTracker;
  readonly #inline: InlineThinkingReader | undefined;
  #flow: Flow | undefined;
  #block = -1;
  /** `index` of the entry of `reasoning_details` the open thinking comes from. */
  #detailIndex: unknown;
  #thinkingKind: 'full' | 'summary' = 'full';
  /** Entries of `reasoning_details` without their text, of the open thinking or of one without any. */
  #details: JsonObject[] = [];
  #waitingCitations: Citation[] = [];
  #refusalLogprobs: TokenLogprob[] = [];
  #audioFields: JsonObject | undefined;
  /** Tools the service ran, by their number: whether the result has come. */
  #executed: Map<number, boolean> | undefined;
  #finish: string | undefined;
  #stopSequence: string | undefined;
  #fields: Record<string, unknown> | undefined;

  constructor(parts: ChoiceParts) {
    this.#parts = parts;
    this.#calls = new CallTracker(parts);
    this.#inline = parts.inlineThinking ? new InlineThinkingReader() : undefined;
  }

  get isFinished(): boolean {
    return this.#finish !== undefined;
  }

  /** The failure the service named as its reason to stop. */
  get failure(): UpstreamError | undefined {
    const kind = this.#finish === undefined ? undefined : mapFailedFinish(this.#finish);
    if (kind === undefined) return undefined;
    const error = this.#fields?.error;
    return isObject(error) ? describeFailure({ error }) : unnamedFailure(kind);
  }

  push(delta: JsonObject, logprobs: unknown, events: StreamEvent[]): void {
    this.#addReasoning(delta, events);
    const { content } = delta;
    if (typeof content === 'string') {
      const tokens = isObject(logprobs) ? decodeLogprobs(logprobs.content) : undefined;
      if (content !== '' || tokens !== undefined) this.#addContent(content, tokens, delta, events);
    } else if (Array.isArray(content)) this.#addParts(content, events);
    const { tool_calls: calls } = delta;
    this.#addRest(delta, logprobs, events);
    if (Array.isArray(calls) && calls.length > 0) {
      this.#endFlow(events);
      this.#giveSealed(events);
      this.#calls.push(calls, events);
    }
    const { function_call: old } = delta;
    if (isObject(old) && (textOf(old.name) !== undefined || textOf(old.arguments) !== undefined)) {
      this.#endFlow(events);
      this.#calls.pushFunction(old, events);
    }
  }

  /** The reason to stop, with what the service says beside it. The last word counts. */
  finish(word: string, stopReason: unknown): void {
    this.#finish = word;
    if (textOf(stopReason) !== undefined) this.#stopSequence = String(stopReason);
  }

  /** A field of the choice that only this dialect knows; the last value counts. */
  keep(name: string, value: unknown): void {
    this.#fields ??= {};
    this.#fields[name] = value;
  }

  /** The end of the answer. `pages`: what the service found and lists beside the choices. */
  end(pages: readonly Citation[], events: StreamEvent[]): void {
    this.abort(events, pages);
    const word = this.#finish;
    const isStopped = this.#stopSequence !== undefined && word !== undefined && mapFinishReason(word) === 'end';
    const reason = word === undefined ? 'other' : isStopped ? 'stop-sequence' : mapFinishReason(word);
    const { choice } = this.#parts;
    events.push({
      type: 'message-end',
      ...(choice === 0 ? {} : { choice }),
      reason,
      ...(word === undefined ? {} : { upstreamReason: word }),
      ...(isStopped && this.#stopSequence !== undefined ? { stopSequence: this.#stopSequence } : {}),
      ...ownExtensions(this.#fields ?? {}),
    });
  }

  /** Ends what is open. */
  abort(events: StreamEvent[], pages: readonly Citation[] = []): void {
    for (const { text, isThinking } of this.#inline?.end() ?? [])
      this.#addFlow(isThinking ? 'thinking' : 'text', text, events);
    if (this.#flow === 'text') {
      for (const citation of pages) events.push({ type: 'citation', block: this.#block, citation });
    }
    this.#endFlow(events);
    this.#giveSealed(events);
    this.#calls.endAll(events);
  }

  #addContent(
    text: string,
    tokens: readonly TokenLogprob[] | undefined,
    delta: JsonObject,
    events: StreamEvent[],
  ): void {
    if (this.#inline !== undefined) {
      for (const piece of this.#inline.push(text)) {
        this.#addFlow(piece.isThinking ? 'thinking' : 'text', piece.text, events);
      }
      return;
    }
    // Gemini's endpoint of this dialect marks thoughts so, and what it signs.
    const google = googleContentOf(delta);
    if (google?.thought === true) {
      this.#addFlow('thinking', text, events);
      return;
    }
    if (this.#flow !== 'text') this.#open('text', events);
    const block = this.#block;
    if (tokens === undefined) events.push({ type: 'text-delta', block, text });
    else events.push({ type: 'text-delta', block, text, logprobs: tokens });
  }

  #addFlow(flow: 'text' | 'thinking' | 'refusal', text: string, events: StreamEvent[]): void {
    if (text === '') return;
    if (this.#flow !== flow) this.#open(flow, events);
    events.push({ type: `${flow}-delta`, block: this.#block, text });
  }

  #open(flow: Flow, events: StreamEvent[]): void {
    this.#endFlow(events);
    if (flow !== 'thinking') this.#giveSealed(events);
    if (!this.#calls.isEmpty) this.#calls.endWhole(events);
    this.#flow = flow;
    this.#block = this.#parts.blocks.next++;
    const { choice } = this.#parts;
    const start = choice === 0 ? { block: this.#block } : { block: this.#block, choice };
    if (flow === 'thinking') events.push({ type: 'thinking-start', kind: this.#thinkingKind, ...start });
    else events.push({ type: `${flow}-start`, ...start });
    if (flow !== 'text') return;
    for (const citation of this.#waitingCitations) events.push({ type: 'citation', block: this.#block, citation });
    this.#waitingCitations = [];
  }

  #endFlow(events: StreamEvent[]): void {
    const flow = this.#flow;
    if (flow === undefined) return;
    const block = this.#block;
    this.#flow = undefined;
    if (flow === 'thinking') {
      const signature = this.#takeSealed();
      if (signature !== undefined) events.push({ type: 'signature', block, signature });
      this.#detailIndex = undefined;
    }
    events.push({ type: 'block-end', block, ...ownExtensions(this.#takeFieldsOf(flow)) });
  }

  #takeFieldsOf(flow: Flow): JsonObject {
    if (flow === 'audio') {
      const fields = this.#audioFields ?? {};
      this.#audioFields = undefined;
      return fields;
    }
    if (flow !== 'refusal' || this.#refusalLogprobs.length === 0) return {};
    const logprobs = this.#refusalLogprobs;
    this.#refusalLogprobs = [];
    return { logprobs };
  }

  /** Several fields repeat each other, and only one of them counts. */
  #addReasoning(delta: JsonObject, events: StreamEvent[]): void {
    const { reasoning_content: content, reasoning, reasoning_details: details } = delta;
    if (content === undefined && reasoning === undefined && details === undefined) return;
    if (Array.isArray(details) && details.length > 0 && this.#addDetails(details, events)) return;
    const text = textOf(content) ?? textOf(reasoning);
    if (text === undefined) return;
    this.#thinkingKind = 'full';
    this.#addFlow('thinking', text, events);
  }

  /** Whether they held the text. */
  #addDetails(details: readonly unknown[], events: StreamEvent[]): boolean {
    let hasText = false;
    for (const detail of details) {
      if (!isObject(detail)) continue;
      const text = textOf(detail.text) ?? textOf(detail.summary);
      if (text !== undefined) {
        hasText = true;
        if (this.#flow === 'thinking' && this.#detailIndex !== undefined && this.#detailIndex !== detail.index) {
          this.#endFlow(events);
        }
        this.#thinkingKind = detail.type === 'reasoning.summary' ? 'summary' : 'full';
        this.#addFlow('thinking', text, events);
        this.#detailIndex = detail.index;
      }
      this.#seal(detail);
    }
    return hasText;
  }

  /** Pieces of one entry come one after another; what they say of it is kept once. */
  #seal(detail: JsonObject): void {
    const place = this.#details.findIndex(({ index, type }) => index === detail.index && type === detail.type);
    if (place >= 0 && !isSealed(detail)) return;
    const { text: _text, summary: _summary, ...kept } = detail;
    if (place < 0) this.#details.push(kept);
    else this.#details[place] = { ...this.#details[place], ...kept };
  }

  #takeSealed(): Signature | undefined {
    const value = this.#details.length === 0 ? undefined : sealReasoning(this.#details);
    this.#details = [];
    return value === undefined ? undefined : { origin: this.#parts.origin, value };
  }

  /** Encrypted thinking that came without any text, or after its text had ended. */
  #giveSealed(events: StreamEvent[]): void {
    if (this.#details.length === 0 || this.#flow === 'thinking' || !this.#details.some(isSealed)) return;
    const signature = this.#takeSealed();
    if (signature === undefined) return;
    const block = this.#parts.blocks.next++;
    const { choice } = this.#parts;
    events.push({ type: 'redacted-thinking', block, ...(choice === 0 ? {} : { choice }), signature });
    events.push({ type: 'block-end', block });
  }

  /** Mistral's parts: thinking, text, and others. */
  #addParts(parts: readonly unknown[], events: StreamEvent[]): void {
    for (const part of parts) {
      if (typeof part === 'string') this.#addFlow('text', part, events);
      if (!isObject(part)) continue;
      switch (part.type) {
        case 'text':
          this.#addFlow('text', textOf(part.text) ?? '', events);
          break;
        case 'thinking': {
          const { thinking } = part;
          this.#addFlow('thinking', typeof thinking === 'string' ? thinking : textOfParts(thinking), events);
          break;
        }
        case 'refusal':
          this.#addFlow('refusal', textOf(part.refusal) ?? '', events);
          break;
        case 'image_url':
          this.#addImage(part, events);
          break;
        default:
          this.#giveWhole({ type: 'opaque', protocol: DIALECT, value: part, ...this.#start() }, events);
      }
    }
  }

  /** What few answers have. */
  #addRest(delta: JsonObject, logprobs: unknown, events: StreamEvent[]): void {
    const { refusal, audio, images, executed_tools: tools, annotations } = delta;
    if (typeof refusal === 'string' && refusal !== '') {
      this.#addFlow('refusal', refusal, events);
      const tokens = isObject(logprobs) ? decodeLogprobs(logprobs.refusal) : undefined;
      if (tokens !== undefined) this.#refusalLogprobs.push(...tokens);
    }
    if (delta.extra_content !== undefined) this.#signText(delta, events);
    if (isObject(audio)) this.#addAudio(audio, events);
    if (Array.isArray(images)) for (const image of images) if (isObject(image)) this.#addImage(image, events);
    if (tools !== undefined) this.#addExecuted(tools, events);
    if (Array.isArray(annotations)) for (const annotation of annotations) this.#cite(annotation, events);
  }

  #signText(delta: JsonObject, events: StreamEvent[]): void {
    const value = thoughtSignatureOf(delta);
    if (value === undefined) return;
    if (this.#flow !== 'text' && this.#flow !== 'thinking') this.#open('text', events);
    events.push({ type: 'signature', block: this.#block, signature: { origin: this.#parts.origin, value } });
  }

  #addAudio(audio: JsonObject, events: StreamEvent[]): void {
    const { id, data, transcript, ...rest } = audio;
    const isEmpty = textOf(id) === undefined && textOf(data) === undefined && textOf(transcript) === undefined;
    if (isEmpty && this.#flow !== 'audio') return;
    if (this.#flow !== 'audio') {
      this.#open('audio', events);
      const started = events.pop();
      if (started?.type === 'audio-start') {
        events.push(textOf(id) === undefined ? started : { ...started, id: String(id) });
      }
      this.#audioFields = textOf(id) === undefined ? {} : { id };
    }
    this.#audioFields = { ...this.#audioFields, ...rest };
    if (textOf(data) === undefined && textOf(transcript) === undefined) return;
    events.push({
      type: 'audio-delta',
      block: this.#block,
      ...(textOf(data) === undefined ? {} : { data: String(data) }),
      ...(textOf(transcript) === undefined ? {} : { transcript: String(transcript) }),
    });
  }

  #addImage({ image_url: image }: JsonObject, events: StreamEvent[]): void {
    const url = isObject(image) ? textOf(image.url) : textOf(image);
    if (url === undefined) return;
    this.#giveWhole({ type: 'image', source: sourceOfAddress(url, 'image/png'), ...this.#start() }, events);
  }

  #start(): { readonly block: number; readonly choice?: number } {
    const { choice, blocks } = this.#parts;
    const block = blocks.next++;
    return choice === 0 ? { block } : { block, choice };
  }

  #giveWhole(
    event: Extract<StreamEvent, { type: 'opaque' | 'image' | 'server-tool-result' }>,
    events: StreamEvent[],
  ): void {
    this.#endFlow(events);
    events.push(event, { type: 'block-end', block: event.block });
  }

  #addExecuted(value: unknown, events: StreamEvent[]): void {
    for (const { index, type, kind, input, output, sources } of decodeExecutedTools(value)) {
      const callId = `${this.#parts.answerId}_tool_${index}`;
      this.#executed ??= new Map();
      if (!this.#executed.has(index)) {
        this.#executed.set(index, false);
        this.#endFlow(events);
        const start = this.#start();
        events.push({ type: 'server-tool-start', ...start, callId, tool: kind, name: type });
        if (input !== '') events.push({ type: 'server-tool-input-delta', block: start.block, json: input });
        events.push({ type: 'block-end', block: start.block });
      }
      if ((output === undefined && sources.length === 0) || this.#executed.get(index) === true) continue;
      this.#executed.set(index, true);
      const result = { callId, tool: kind, sources, ...(output === undefined ? {} : { text: output }) };
      this.#giveWhole({ type: 'server-tool-result', ...this.#start(), ...result }, events);
    }
  }

  #cite(annotation: unknown, events: StreamEvent[]): void {
    const citation = decodeAnnotation(annotation);
    if (citation === undefined) return;
    if (this.#flow === 'text') events.push({ type: 'citation', block: this.#block, citation });
    else this.#waitingCitations.push(citation);
  }
}

const unnamedFailure = (kind: ErrorKind): UpstreamError =>
  new UpstreamError({
    kind,
    code: 'upstream_failed',
    message: 'The upstream ended its answer with an error and did not say which.',
  });
