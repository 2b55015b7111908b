import { mergeUsage } from '@proxycast/conversion';
import type { DecodeAnswerContext, JsonObject, StreamEvent, TokenUsage, UpstreamError } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { decodeFoundPages } from './annotations.ts';
import type { BlockIds } from './call-tracker.ts';
import { ChoiceDecoder } from './choice-decoder.ts';
import { decodeUsage } from './decode-usage.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { isDeepEqual } from './is-deep-equal.ts';

export interface AnswerParts extends DecodeAnswerContext {
  readonly inlineThinking: boolean;
  /** The one chunk is the whole answer. */
  readonly isWhole?: boolean;
}

/** Fields of a chunk or a body that have a place of their own; padding says nothing. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'base_resp',
  'obfuscation',
  'p',
]);
const KNOWN_CHOICE_FIELDS: ReadonlySet<string> = new Set([
  'index',
  'delta',
  'message',
  'finish_reason',
  'logprobs',
  'usage',
  // A second text, and numbers of tokens, beside the delta.
  'text',
  'token_ids',
  'obfuscation',
]);
/** No service gives as many answers: a number from outside must not make a list long. */
const MOST_CHOICES = 128;

/** Chunks of a stream, or a whole body as one chunk, to events. */
export class AnswerDecoder {
  readonly #parts: AnswerParts;
  readonly #blocks: BlockIds = { next: 0 };
  readonly #choices: ChoiceDecoder[] = [];
  readonly #byIndex = new Map<number, ChoiceDecoder>();
  #answerId = '';
  #isStarted = false;
  /** What was said of the answer before it began, and of fields that nobody else knows what was said last. */
  #fields: Record<string, unknown> = {};
  #usage: TokenUsage | undefined;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  get hasChoices(): boolean {
    return this.#choices.length > 0;
  }

  get isFinished(): boolean {
    return this.hasChoices && this.#choices.every((choice) => choice.isFinished);
  }

  push(value: JsonObject, events: StreamEvent[]): void {
    const { choices, usage, x_groq: groq } = value;
    const list: readonly unknown[] = Array.isArray(choices) ? choices : [];
    this.#keepFields(value, list, events);
    if (!this.#isStarted && list.length > 0) this.#start(value, events);
    for (const [place, choice] of list.entries()) if (isObject(choice)) this.#pushChoice(choice, place, events);
    if (isObject(usage)) this.#count(usage, events);
    if (isObject(groq) && isObject(groq.usage)) this.#count(groq.usage, events);
  }

  /** The upstream has said all there is. */
  end(events: StreamEvent[]): void {
    for (const choice of this.#choices) {
      const { failure } = choice;
      if (failure === undefined) continue;
      this.fail(failure, events);
      return;
    }
    const pages = decodeFoundPages(this.#fields.search_results, this.#fields.citations);
    for (const choice of this.#choices) choice.end(pages, events);
  }

  /** Ends what is open, then the answer, with an error. */
  fail(error: UpstreamError, events: StreamEvent[]): void {
    for (const choice of this.#choices) choice.abort(events);
    events.push({ type: 'error', error });
  }

  #start({ id, model, created }: JsonObject, events: StreamEvent[]): void {
    this.#isStarted = true;
    this.#answerId = textOf(id) ?? textOf(this.#fields.id) ?? this.#parts.fallbackId;
    events.push({
      type: 'message-start',
      id: this.#answerId,
      model: textOf(model) ?? this.#parts.model,
      ...(typeof created === 'number' && created > 0 ? { createdAtSeconds: Math.floor(created) } : {}),
      ...ownExtensions({ ...this.#fields }),
    });
  }

  /** What only this dialect says of the answer: with its start, or as soon as it is said. */
  #keepFields(value: JsonObject, choices: readonly unknown[], events: StreamEvent[]): void {
    let late: Record<string, unknown> | undefined;
    for (const name in value) {
      if (KNOWN_FIELDS.has(name)) continue;
      const field = value[name];
      if (field === null || field === undefined) continue;
      const known = this.#fields[name];
      if (known !== undefined && isKnown(known, field, choices)) continue;
      this.#fields[name] = field;
      if (!this.#isStarted) continue;
      late ??= {};
      late[name] = field;
    }
    if (late !== undefined) events.push({ type: 'extension', protocol: DIALECT, value: late });
  }

  #pushChoice(choice: JsonObject, place: number, events: StreamEvent[]): void {
    const { delta, message, logprobs, finish_reason: reason, usage } = choice;
    // Perplexity has both: in a stream the message so far is beside the delta, in a body an empty delta beside the message.
    const isWhole = isObject(message) && (this.#parts.isWhole || !isObject(delta));
    const said = isWhole ? message : delta;
    const index = typeof choice.index === 'number' ? choice.index : place;
    const isSilent = !isObject(said) && textOf(reason) === undefined;
    const decoder = this.#byIndex.get(index) ?? (isSilent ? undefined : this.#addChoice(index));
    if (decoder === undefined) return;
    if (isObject(said)) decoder.push(said, logprobs, events);
    if (isWhole) keepOfMessage(message, decoder);
    if (typeof reason === 'string' && reason !== '') decoder.finish(reason, choice.stop_reason);
    for (const name in choice) {
      const value = choice[name];
      if (value !== null && !KNOWN_CHOICE_FIELDS.has(name)) decoder.keep(name, value);
    }
    if (isObject(usage)) this.#count(usage, events);
  }

  #addChoice(index: number): ChoiceDecoder | undefined {
    if (!Number.isSafeInteger(index) || index < 0 || index >= MOST_CHOICES) return undefined;
    const { origin, inlineThinking } = this.#parts;
    const decoder = new ChoiceDecoder({
      choice: index,
      blocks: this.#blocks,
      origin,
      answerId: this.#answerId,
      inlineThinking,
    });
    this.#byIndex.set(index, decoder);
    this.#choices.push(decoder);
    return decoder;
  }

  /** Some services count in every chunk: only what is new is said. */
  #count(usage: JsonObject, events: StreamEvent[]): void {
    const counted = decodeUsage(usage);
    if (counted === undefined) return;
    const merged = mergeUsage(this.#usage, counted);
    if (this.#usage !== undefined && isDeepEqual(merged, this.#usage)) return;
    this.#usage = merged;
    events.push({ type: 'usage', usage: counted });
  }
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'annotations',
  'audio',
  'images',
  'executed_tools',
  'extra_content',
]);

/** What only this dialect says in a whole message. */
function keepOfMessage(message: JsonObject, decoder: ChoiceDecoder): void {
  const rest = Object.entries(message).filter(([name, value]) => !MESSAGE_FIELDS.has(name) && value !== null);
  if (rest.length > 0) decoder.keep('message', Object.fromEntries(rest));
}

/** Lists and objects that a service repeats in every chunk are looked at again when the answer ends. */
function isKnown(known: unknown, field: unknown, choices: readonly unknown[]): boolean {
  if (typeof field !== 'object') return known === field;
  const isEnd =
    choices.length === 0 || choices.some((choice) => isObject(choice) && textOf(choice.finish_reason) !== undefined);
  return !isEnd || isDeepEqual(known, field);
}
