import {
  type DecodeAnswerContext,
  type Frame,
  type JsonObject,
  type ProxyCastError,
  type StreamDecoder,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { AnswerEvents } from './answer/answer-events.ts';
import { decodeEnding } from './answer/decode-ending.ts';
import { decodeUsage } from './answer/decode-usage.ts';
import { GrowingCall } from './answer/growing-call.ts';
import type { GrowingItem } from './answer/growing-item.ts';
import { GrowingMessage, type PartType } from './answer/growing-message.ts';
import { GrowingOther } from './answer/growing-other.ts';
import { GrowingReasoning, type ThinkingKind } from './answer/growing-reasoning.ts';
import { GrowingServerTool } from './answer/growing-server-tool.ts';
import { responseExtensions } from './answer/response-rest.ts';
import { upstreamErrorOf } from './answer/upstream-error-of.ts';
import { decodeItem } from './item/decode-item.ts';
import { decodeServerCall } from './item/decode-server-item.ts';
import { mapServerCall } from './item/map-server-tool.ts';
import { DIALECT } from './own-fields.ts';

export function createStreamDecoder(context: DecodeAnswerContext): StreamDecoder {
  return new ResponsesDecoder(context);
}

/** The final event by its status. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ['response.completed', 'completed'],
  ['response.done', 'completed'],
  ['response.incomplete', 'incomplete'],
  ['response.failed', 'failed'],
  ['response.cancelled', 'cancelled'],
]);

/**
 * Events → neutral events. What a `done` event repeats is compared with what its deltas said, and passed on as far as
 * they did not: some servers leave the deltas out, others the items of the final event, and nothing may come twice.
 */
class ResponsesDecoder implements StreamDecoder {
  readonly #context: DecodeAnswerContext;
  readonly #events: AnswerEvents;
  readonly #items = new Map<number, GrowingItem>();
  /** The item of the last event: nearly always that of the next. */
  #current: GrowingItem | undefined;
  #hasStarted = false;
  #hasEnded = false;

  constructor(context: DecodeAnswerContext) {
    this.#context = context;
    this.#events = new AnswerEvents(context.origin);
  }

  push(frames: readonly Frame[]): readonly StreamEvent[] {
    for (const frame of frames) {
      if (this.#hasEnded) break;
      this.#read(frame);
    }
    return this.#events.take();
  }

  end(): readonly StreamEvent[] {
    if (!this.#hasEnded) {
      this.#fail(
        new UpstreamError({
          code: 'upstream_cut',
          message: 'The upstream closed the connection before the response was complete. Try again.',
        }),
      );
    }
    return this.#events.take();
  }

  #read({ event, data }: Frame): void {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      this.#readNoJson(data.trim());
      return;
    }
    if (!isObject(value)) return;
    const type = typeof value['type'] === 'string' ? value['type'] : event;
    if (type === 'error' || (type === undefined && isErrorOf(value))) this.#fail(upstreamErrorOf(value));
    else if (type !== undefined) this.#dispatch(type, value);
  }

  #readNoJson(data: string): void {
    if (data === '') return;
    if (data !== '[DONE]') {
      this.#fail(
        new UpstreamError({
          code: 'upstream_invalid_frame',
          message: 'The upstream sent an event that is not valid JSON. Try again.',
        }),
      );
      return;
    }
    // Only compatible servers send it, a few of them instead of the final event.
    if (this.#items.size > 0) this.#finish({}, 'completed');
  }

  #dispatch(type: string, value: JsonObject): void {
    switch (type) {
      case 'response.output_text.delta':
        this.#messageDelta(value, 'output_text', value['logprobs']);
        return;
      case 'response.function_call_arguments.delta':
        this.#inputDelta(value, 'function_call');
        return;
      case 'response.custom_tool_call_input.delta':
        this.#inputDelta(value, 'custom_tool_call');
        return;
      case 'response.reasoning_summary_text.delta':
        this.#thinkingDelta(value, 'summary');
        return;
      case 'response.reasoning_text.delta':
        this.#thinkingDelta(value, 'full');
        return;
      case 'response.refusal.delta':
        this.#messageDelta(value, 'refusal', undefined);
        return;
      case 'response.output_text.done':
        this.#partDone(value, { type: 'output_text', text: value['text'], logprobs: value['logprobs'] });
        return;
      case 'response.refusal.done':
        this.#partDone(value, { type: 'refusal', refusal: value['refusal'] });
        return;
      case 'response.content_part.added':
        this.#partAdded(value);
        return;
      case 'response.content_part.done':
        this.#partDone(value, value['part']);
        return;
      case 'response.output_text.annotation.added':
        this.#annotation(value);
        return;
      case 'response.reasoning_summary_text.done':
        this.#thinkingDone(value, 'summary', value['text']);
        return;
      case 'response.reasoning_text.done':
        this.#thinkingDone(value, 'full', value['text']);
        return;
      case 'response.reasoning_summary_part.added':
        return;
      case 'response.reasoning_summary_part.done':
        if (isObject(value['part'])) this.#thinkingDone(value, 'summary', value['part']['text']);
        return;
      case 'response.function_call_arguments.done':
        this.#inputDone(value, 'function_call', value['arguments']);
        return;
      case 'response.custom_tool_call_input.done':
        this.#inputDone(value, 'custom_tool_call', value['input']);
        return;
      case 'response.output_item.added':
        this.#itemAdded(value);
        return;
      case 'response.output_item.done':
        if (isObject(value['item'])) this.#itemDone(this.#indexOf(value), value['item']);
        return;
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#start(value['response']);
        this.#pass(value);
        return;
      case 'keepalive':
      case 'ping':
        this.#events.push({ type: 'ping' });
        return;
      default: {
        const ending = ENDINGS.get(type);
        if (ending === undefined) this.#pass(value);
        else this.#finish(isObject(value['response']) ? value['response'] : {}, ending);
      }
    }
  }

  #start(response: unknown): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const fields = isObject(response) ? response : {};
    const createdAtSeconds = countOf(fields['created_at']);
    this.#events.push({
      type: 'message-start',
      id: textOf(fields['id']) ?? this.#context.fallbackId,
      model: textOf(fields['model']) ?? this.#context.model,
      ...(createdAtSeconds === undefined ? {} : { createdAtSeconds }),
    });
  }

  /** What no block says, for a client of the same dialect. */
  #pass(value: JsonObject): void {
    this.#start(undefined);
    this.#events.push({ type: 'extension', protocol: DIALECT, value });
  }

  #indexOf({ output_index: index }: JsonObject): number {
    return countOf(index) ?? this.#current?.index ?? 0;
  }

  /** The item of the event, unless it is done; one that was never added is begun as what the event takes it for. */
  #itemOf(value: JsonObject, type: string): GrowingItem | undefined {
    const index = this.#indexOf(value);
    const item =
      this.#current?.index === index ? this.#current : (this.#items.get(index) ?? this.#add(index, type, {}));
    this.#current = item;
    return item.isDone ? undefined : item;
  }

  #add(index: number, type: string, added: JsonObject): GrowingItem {
    this.#start(undefined);
    const item = this.#growingItem(index, type, added);
    this.#items.set(index, item);
    this.#current = item;
    return item;
  }

  #growingItem(index: number, type: string, added: JsonObject): GrowingItem {
    switch (type) {
      case 'message':
        return new GrowingMessage(index, type, added, this.#events);
      case 'reasoning':
        return new GrowingReasoning(index, type, added, this.#events);
      case 'function_call':
      case 'custom_tool_call':
        return new GrowingCall(index, type, added, this.#events);
      default:
        return mapServerCall(type) === undefined
          ? new GrowingOther(index, type, added, this.#events)
          : new GrowingServerTool(index, type, added, this.#events);
    }
  }

  #itemAdded(value: JsonObject): void {
    const { item: added } = value;
    const index = this.#indexOf(value);
    if (!isObject(added) || this.#items.has(index)) return;
    const item = this.#add(index, typeOf(added), added);
    if (item instanceof GrowingMessage) return;
    if (item instanceof GrowingCall) {
      item.begin(added);
      return;
    }
    const call = decodeServerCall(added, index);
    if (item instanceof GrowingServerTool && call !== undefined) item.begin(call);
    else this.#pass(value);
  }

  #messageDelta(value: JsonObject, type: PartType, logprobs: unknown): void {
    const { delta } = value;
    const item = this.#itemOf(value, 'message');
    if (typeof delta === 'string' && item instanceof GrowingMessage) {
      item.delta(contentIndexOf(value), type, delta, logprobs);
    }
  }

  #partAdded(value: JsonObject): void {
    const { part } = value;
    const type = isObject(part) ? part['type'] : undefined;
    if (type !== 'output_text' && type !== 'refusal') return;
    const item = this.#itemOf(value, 'message');
    if (item instanceof GrowingMessage) item.addPart(contentIndexOf(value), type);
  }

  #partDone(value: JsonObject, part: unknown): void {
    if (!isObject(part)) return;
    if (part['type'] === 'reasoning_text') {
      this.#thinkingDone(value, 'full', part['text']);
      return;
    }
    const item = this.#itemOf(value, 'message');
    if (item instanceof GrowingMessage) item.partDone(contentIndexOf(value), part);
  }

  #annotation(value: JsonObject): void {
    const { annotation } = value;
    const item = this.#itemOf(value, 'message');
    if (isObject(annotation) && item instanceof GrowingMessage) item.cite(contentIndexOf(value), annotation);
  }

  #thinkingDelta(value: JsonObject, kind: ThinkingKind): void {
    const { delta } = value;
    const item = this.#itemOf(value, 'reasoning');
    if (typeof delta === 'string' && item instanceof GrowingReasoning)
      item.delta(kind, partIndexOf(value, kind), delta);
  }

  #thinkingDone(value: JsonObject, kind: ThinkingKind, text: unknown): void {
    const item = this.#itemOf(value, 'reasoning');
    if (typeof text === 'string' && item instanceof GrowingReasoning)
      item.partDone(kind, partIndexOf(value, kind), text);
  }

  #inputDelta(value: JsonObject, type: string): void {
    const { delta } = value;
    const item = this.#itemOf(value, type);
    if (typeof delta === 'string' && item instanceof GrowingCall) item.delta(delta);
  }

  #inputDone(value: JsonObject, type: string, input: unknown): void {
    const item = this.#itemOf(value, type);
    if (typeof input === 'string' && item instanceof GrowingCall) item.inputDone(input, value['name']);
  }

  #itemDone(index: number, item: JsonObject): void {
    const type = typeOf(item);
    const known = this.#items.get(index) ?? this.#add(index, type, item);
    if (known.isDone) return;
    this.#current = known;
    if (known.type === type) known.hydrate(item);
    known.close(item);
    if (known.type === type && known.isSaid) return;
    // No event but this one spoke of it.
    for (const block of decodeItem(item, { index, readSignature: (value) => this.#events.sign(value) })) {
      this.#events.pushBlock(block);
    }
  }

  #finish(response: JsonObject, fallback: string): void {
    this.#start(response);
    if (decodeEnding(response, fallback, this.#events).type !== 'failed') {
      this.#hydrateItems(response['output']);
      for (const item of this.#items.values()) {
        if (item.isDone) continue;
        // What was said when it was added is all there is.
        if (item.isSaid || saysSomething(item.added)) this.#itemDone(item.index, item.added);
        else item.close(item.added);
      }
    }
    const ending = decodeEnding(response, fallback, this.#events);
    if (ending.type === 'failed') {
      this.#fail(ending.error);
      return;
    }
    const usage = decodeUsage(response['usage']);
    if (usage !== undefined) this.#events.push({ type: 'usage', usage });
    const { reason, upstreamReason } = ending;
    this.#events.push({ type: 'message-end', reason, upstreamReason, extensions: responseExtensions(response) });
    this.#hasEnded = true;
  }

  /**
   * What the final event says of items that are not done, and items that were never streamed. Where a service counts its
   * indices otherwise in the stream, the list is no longer than what has been passed on, and nothing is missing.
   */
  #hydrateItems(output: unknown): void {
    if (!Array.isArray(output)) return;
    const isWhole = this.#items.size >= output.length;
    const ids = new Set<unknown>();
    for (const { added } of this.#items.values()) ids.add(textOf(added['id']));
    output.forEach((item: unknown, index) => {
      if (!isObject(item)) return;
      const known = this.#items.get(index);
      if (known !== undefined) {
        if (!known.isDone && known.type === typeOf(item)) this.#itemDone(index, item);
        return;
      }
      const id = textOf(item['id']);
      if (!isWhole && (id === undefined || !ids.has(id))) this.#itemDone(index, item);
    });
  }

  #fail(error: ProxyCastError): void {
    for (const item of this.#items.values()) if (!item.isDone) item.close(undefined);
    this.#events.push({ type: 'error', error });
    this.#hasEnded = true;
  }
}

const isErrorOf = ({ error }: JsonObject): boolean => isObject(error) || textOf(error) !== undefined;

const typeOf = (item: JsonObject): string => textOf(item['type']) ?? 'message';

/** Whether an item that was only added is worth a block. */
function saysSomething(item: JsonObject): boolean {
  const { content, name } = item;
  switch (typeOf(item)) {
    case 'message':
      return Array.isArray(content) && content.length > 0;
    case 'function_call':
    case 'custom_tool_call':
      return textOf(name) !== undefined;
    default:
      return true;
  }
}

const contentIndexOf = ({ content_index: index }: JsonObject): number => countOf(index) ?? 0;

const partIndexOf = ({ summary_index: summary, content_index: content }: JsonObject, kind: ThinkingKind): number =>
  countOf(kind === 'summary' ? summary : content) ?? 0;
