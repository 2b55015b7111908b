import {
  type BlockId,
  type DecodeAnswerContext,
  type Extensions,
  type Frame,
  type JsonObject,
  type ProxyCastError,
  type StreamDecoder,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { blockEvents } from './answer/block-events.ts';
import { decodeEnding } from './answer/decode-ending.ts';
import { decodeUsage } from './answer/decode-usage.ts';
import { createItemState, type ItemState, type PartState, type ThinkingState } from './answer/item-state.ts';
import { responseExtensions } from './answer/response-rest.ts';
import { upstreamErrorOf } from './answer/upstream-error-of.ts';
import { decodeAnnotation } from './item/annotations.ts';
import { decodeItem } from './item/decode-item.ts';
import { partRest } from './item/decode-part.ts';
import { decodeServerCall, decodeServerResult, serverInputOf } from './item/decode-server-item.ts';
import { callIdOf, callRest, inputOf, isCustomCall, messageRest, reasoningRest } from './item/item-fields.ts';
import { placed } from './item/item-place.ts';
import { decodeLogprobs } from './item/logprobs.ts';
import { mapServerCall } from './item/map-server-tool.ts';
import { DIALECT } from './own-fields.ts';

export function createStreamDecoder(context: DecodeAnswerContext): StreamDecoder {
  return new ResponsesDecoder(context);
}

/** The final event by its status; a service that only closes its list (`[DONE]`) has completed. */
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
  readonly #items = new Map<number, ItemState>();
  /** The item of the last event: nearly always that of the next. */
  #current: ItemState | undefined;
  #events: StreamEvent[] = [];
  #nextBlock: BlockId = 0;
  #hasStarted = false;
  #hasEnded = false;
  #hasCall = false;
  #hasRefusal = false;

  constructor(context: DecodeAnswerContext) {
    this.#context = context;
  }

  push(frames: readonly Frame[]): readonly StreamEvent[] {
    this.#events = [];
    for (const frame of frames) {
      if (this.#hasEnded) break;
      this.#read(frame);
    }
    return this.#events;
  }

  end(): readonly StreamEvent[] {
    this.#events = [];
    if (!this.#hasEnded) {
      this.#fail(
        new UpstreamError({
          code: 'upstream_cut',
          message: 'The upstream closed the connection before the response was complete. Try again.',
        }),
      );
    }
    return this.#events;
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
        this.#messageDelta(value, 'output_text', value['delta'], value['logprobs']);
        return;
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.#inputDelta(value, type);
        return;
      case 'response.reasoning_summary_text.delta':
        this.#thinkingDelta(value, 'summary', value['delta']);
        return;
      case 'response.reasoning_text.delta':
        this.#thinkingDelta(value, 'full', value['delta']);
        return;
      case 'response.refusal.delta':
        this.#messageDelta(value, 'refusal', value['delta'], undefined);
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
        if (isObject(value['part'])) this.#partDone(value, value['part']);
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
        this.#inputDone(value, type, value['arguments']);
        return;
      case 'response.custom_tool_call_input.done':
        this.#inputDone(value, type, value['input']);
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

  /** The item of the event; one that was never added is begun with what the event says of its type. */
  #itemOf(value: JsonObject, type: string): ItemState {
    const index = this.#indexOf(value);
    if (this.#current?.index === index) return this.#current;
    const state = this.#items.get(index) ?? this.#add(index, type, {});
    this.#current = state;
    return state;
  }

  #add(index: number, type: string, item: JsonObject): ItemState {
    this.#start(undefined);
    const state = createItemState(index, type, item);
    this.#items.set(index, state);
    this.#current = state;
    return state;
  }

  #itemAdded(value: JsonObject): void {
    const { item } = value;
    const index = this.#indexOf(value);
    if (!isObject(item) || this.#items.has(index)) return;
    const state = this.#add(index, textOf(item['type']) ?? 'message', item);
    if (state.type === 'message') return;
    if (state.type === 'function_call' || state.type === 'custom_tool_call') {
      if (textOf(item['name']) !== undefined) this.#startCall(state, item);
      return;
    }
    const call = decodeServerCall(item, index);
    if (call === undefined) {
      this.#pass(value);
      return;
    }
    state.block = this.#nextBlock++;
    this.#events.push({
      type: 'server-tool-start',
      block: state.block,
      callId: call.callId,
      tool: call.tool,
      name: call.name,
      ...(call.extensions === undefined ? {} : { extensions: call.extensions }),
    });
  }

  #startCall(state: ItemState, item: JsonObject): void {
    const { index } = state;
    const block = this.#nextBlock++;
    state.block = block;
    this.#hasCall = true;
    const namespace = textOf(item['namespace']);
    this.#events.push({
      type: 'tool-call-start',
      block,
      callId: callIdOf(item, index),
      name: textOf(item['name']) ?? '',
      kind: isCustomCall(item) ? 'custom' : 'function',
      ...(namespace === undefined ? {} : { namespace }),
      extensions: placed({ index, item: callRest(item) }),
    });
  }

  #inputDelta(value: JsonObject, type: string): void {
    const { delta } = value;
    if (typeof delta !== 'string' || delta === '') return;
    const state = this.#itemOf(value, itemTypeOf(type));
    if (state.isDone) return;
    state.input += delta;
    // Without a name yet the input waits in the state.
    if (state.block !== undefined) this.#events.push({ type: 'tool-input-delta', block: state.block, json: delta });
  }

  #inputDone(value: JsonObject, type: string, input: unknown): void {
    const state = this.#itemOf(value, itemTypeOf(type));
    if (state.isDone || typeof input !== 'string') return;
    if (state.block === undefined) {
      const name = textOf(value['name']);
      if (name === undefined) return;
      this.#startCall(state, { ...state.item, type: state.type, name });
      if (state.input !== '') {
        this.#events.push({ type: 'tool-input-delta', block: state.block ?? 0, json: state.input });
      }
    }
    this.#hydrateInput(state, input);
  }

  #hydrateInput(state: ItemState, input: string): void {
    const json = missingOf(state.input, input);
    if (json === '' || state.block === undefined) return;
    state.input += json;
    this.#events.push({ type: 'tool-input-delta', block: state.block, json });
  }

  #part(state: ItemState, value: JsonObject, type: PartState['type']): PartState {
    const index = countOf(value['content_index']) ?? 0;
    const known = state.parts.get(index);
    if (known !== undefined) return known;
    const part: PartState = { type, text: '', annotationCount: 0, hasLogprobs: false, isEnded: false };
    state.parts.set(index, part);
    return part;
  }

  #partAdded(value: JsonObject): void {
    const { part } = value;
    if (!isObject(part)) return;
    const { type } = part;
    if (type !== 'output_text' && type !== 'refusal') return;
    const state = this.#itemOf(value, 'message');
    if (state.type === 'message' && !state.isDone) this.#part(state, value, type);
  }

  #messageDelta(value: JsonObject, type: PartState['type'], delta: unknown, logprobs: unknown): void {
    if (typeof delta !== 'string') return;
    const state = this.#itemOf(value, 'message');
    if (state.isDone) return;
    this.#say(state, this.#part(state, value, type), delta, logprobs);
  }

  #say(state: ItemState, part: PartState, text: string, logprobs: unknown): void {
    const decoded = Array.isArray(logprobs) && logprobs.length > 0 ? decodeLogprobs(logprobs) : undefined;
    if (part.isEnded || (text === '' && decoded === undefined)) return;
    const block = part.block ?? this.#startPart(state, part);
    part.text += text;
    if (part.type === 'refusal') {
      this.#events.push({ type: 'refusal-delta', block, text });
      return;
    }
    if (decoded === undefined) {
      this.#events.push({ type: 'text-delta', block, text });
      return;
    }
    part.hasLogprobs = true;
    this.#events.push({ type: 'text-delta', block, text, logprobs: decoded });
  }

  /** A part begins when it has something to say, and the part before it ends then. */
  #startPart(state: ItemState, part: PartState): BlockId {
    for (const other of state.parts.values()) this.#endPart(state, other, state.item);
    const block = this.#nextBlock++;
    part.block = block;
    const extensions = placed({ index: state.index, item: messageRest(state.item) });
    if (part.type === 'refusal') {
      this.#hasRefusal = true;
      this.#events.push({ type: 'refusal-start', block, extensions });
    } else this.#events.push({ type: 'text-start', block, extensions });
    return block;
  }

  #endPart(state: ItemState, part: PartState, item: JsonObject): void {
    if (part.block === undefined || part.isEnded) return;
    part.isEnded = true;
    const place = { index: state.index, item: messageRest(item) };
    this.#events.push({
      type: 'block-end',
      block: part.block,
      extensions: placed(part.rest === undefined ? place : { ...place, part: part.rest }),
    });
  }

  #partDone(value: JsonObject, part: JsonObject): void {
    const { type } = part;
    if (type === 'reasoning_text') {
      this.#thinkingDone(value, 'full', part['text']);
      return;
    }
    if (type !== 'output_text' && type !== 'refusal') return;
    const state = this.#itemOf(value, 'message');
    if (state.type === 'message' && !state.isDone) this.#hydratePart(state, this.#part(state, value, type), part);
  }

  #hydratePart(state: ItemState, part: PartState, done: JsonObject): void {
    if (done['type'] !== part.type) return;
    const whole = part.type === 'refusal' ? done['refusal'] : done['text'];
    if (typeof whole === 'string') {
      this.#say(state, part, missingOf(part.text, whole), part.hasLogprobs ? undefined : done['logprobs']);
    }
    const { annotations } = done;
    if (Array.isArray(annotations)) {
      for (const annotation of annotations.slice(part.annotationCount)) this.#cite(state, part, annotation);
    }
    const rest = partRest(done);
    if (rest !== undefined) part.rest = rest;
  }

  #annotation(value: JsonObject): void {
    const state = this.#itemOf(value, 'message');
    if (!state.isDone) this.#cite(state, this.#part(state, value, 'output_text'), value['annotation']);
  }

  #cite(state: ItemState, part: PartState, annotation: unknown): void {
    if (!isObject(annotation) || part.isEnded || part.type !== 'output_text') return;
    const block = part.block ?? this.#startPart(state, part);
    part.annotationCount++;
    this.#events.push({ type: 'citation', block, citation: decodeAnnotation(annotation) });
  }

  #thinking(state: ItemState, kind: ThinkingState['kind']): ThinkingState {
    const known = state.thinking.find((thinking) => thinking.kind === kind);
    if (known !== undefined) return known;
    for (const other of state.thinking) this.#endThinking(state, other, state.item);
    const thinking: ThinkingState = { kind, block: this.#nextBlock++, texts: new Map(), isEnded: false };
    state.thinking.push(thinking);
    const extensions = placed({ index: state.index, item: reasoningRest(state.item) });
    this.#events.push({ type: 'thinking-start', block: thinking.block, kind, extensions });
    return thinking;
  }

  #endThinking(state: ItemState, thinking: ThinkingState, item: JsonObject): void {
    if (thinking.isEnded) return;
    thinking.isEnded = true;
    const extensions = placed({ index: state.index, item: reasoningRest(item) });
    this.#events.push({ type: 'block-end', block: thinking.block, extensions });
  }

  #thinkingDelta(value: JsonObject, kind: ThinkingState['kind'], delta: unknown): void {
    if (typeof delta !== 'string' || delta === '') return;
    const state = this.#itemOf(value, 'reasoning');
    if (!state.isDone) this.#think(state, kind, partIndexOf(value, kind), delta);
  }

  #thinkingDone(value: JsonObject, kind: ThinkingState['kind'], text: unknown): void {
    if (typeof text !== 'string') return;
    const state = this.#itemOf(value, 'reasoning');
    if (!state.isDone) this.#hydrateThinking(state, kind, partIndexOf(value, kind), text);
  }

  #hydrateThinking(state: ItemState, kind: ThinkingState['kind'], part: number, whole: string): void {
    const known = state.thinking.find((thinking) => thinking.kind === kind);
    const text = missingOf(known?.texts.get(part) ?? '', whole);
    if (text !== '') this.#think(state, kind, part, text);
  }

  #think(state: ItemState, kind: ThinkingState['kind'], part: number, text: string): void {
    const thinking = this.#thinking(state, kind);
    if (thinking.isEnded) return;
    thinking.texts.set(part, (thinking.texts.get(part) ?? '') + text);
    this.#events.push({ type: 'thinking-delta', block: thinking.block, text, part });
  }

  #itemDone(index: number, item: JsonObject): void {
    const type = textOf(item['type']) ?? 'message';
    const state = this.#items.get(index) ?? this.#add(index, type, item);
    if (state.isDone) return;
    this.#current = state;
    if (state.type === type) this.#hydrate(state, item);
    this.#close(state, item);
    if (state.type !== type || !this.#isSaid(state)) this.#emitWhole(item, index);
  }

  #hydrate(state: ItemState, item: JsonObject): void {
    switch (state.type) {
      case 'message': {
        const { content } = item;
        // A message none of whose parts was said is passed on whole.
        if (!Array.isArray(content) || !this.#isSaid(state)) return;
        content.forEach((part: unknown, index) => {
          if (!isObject(part)) return;
          const known = state.parts.get(index);
          if (known?.block !== undefined) this.#hydratePart(state, known, part);
          else this.#emitPart(state, index, part, item);
        });
        return;
      }
      case 'reasoning':
        this.#hydrateTexts(state, 'full', item['content']);
        this.#hydrateTexts(state, 'summary', item['summary']);
        return;
      case 'function_call':
      case 'custom_tool_call':
        this.#hydrateInput(state, inputOf(item) || inputOf(state.item));
        return;
      default: {
        const json = serverInputOf(item);
        if (state.block === undefined || json === '') return;
        this.#events.push({ type: 'server-tool-input-delta', block: state.block, json });
      }
    }
  }

  /** A part that no event spoke of, in a message that others did. */
  #emitPart(state: ItemState, index: number, part: JsonObject, item: JsonObject): void {
    for (const other of state.parts.values()) this.#endPart(state, other, item);
    const [block] = decodeItem({ ...item, content: [part] }, this.#itemContext(state.index));
    if (block === undefined) return;
    this.#events.push(...blockEvents(block, this.#nextBlock++));
    if (block.type !== 'text' && block.type !== 'refusal') return;
    if (block.type === 'refusal') this.#hasRefusal = true;
    state.parts.set(index, {
      type: block.type === 'text' ? 'output_text' : 'refusal',
      text: block.text,
      annotationCount: 0,
      hasLogprobs: true,
      isEnded: true,
    });
  }

  #hydrateTexts(state: ItemState, kind: ThinkingState['kind'], list: unknown): void {
    if (!Array.isArray(list)) return;
    list.forEach((part: unknown, index) => {
      const text = isObject(part) ? part['text'] : undefined;
      if (typeof text === 'string') this.#hydrateThinking(state, kind, index, text);
    });
  }

  /** Ends the blocks of an item; `item` is the last that was said of it. */
  #close(state: ItemState, item: JsonObject): void {
    state.isDone = true;
    for (const part of state.parts.values()) this.#endPart(state, part, item);
    this.#closeThinking(state, item);
    const { block, index } = state;
    if (block === undefined) return;
    const isCall = mapServerCall(state.type) === undefined;
    this.#events.push({
      type: 'block-end',
      block,
      extensions: placed({ index, item: isCall ? callRest(item) : item }),
    });
    const result = isCall ? undefined : decodeServerResult(item, index);
    if (result !== undefined) this.#events.push(...blockEvents(result, this.#nextBlock++));
  }

  #closeThinking(state: ItemState, item: JsonObject): void {
    const last = state.thinking[state.thinking.length - 1];
    const encrypted = textOf(item['encrypted_content']);
    if (last !== undefined && !last.isEnded && encrypted !== undefined) {
      this.#events.push({ type: 'signature', block: last.block, signature: this.#sign(encrypted) });
    }
    for (const thinking of state.thinking) this.#endThinking(state, thinking, item);
  }

  #isSaid({ parts, thinking, block }: ItemState): boolean {
    if (block !== undefined || thinking.length > 0) return true;
    for (const part of parts.values()) if (part.block !== undefined) return true;
    return false;
  }

  /** An item of which no event but this one spoke. */
  #emitWhole(item: JsonObject, index: number): void {
    for (const block of decodeItem(item, this.#itemContext(index))) {
      if (block.type === 'tool-call') this.#hasCall = true;
      if (block.type === 'refusal') this.#hasRefusal = true;
      this.#events.push(...blockEvents(block, this.#nextBlock++));
    }
  }

  #itemContext(index: number) {
    return { index, readSignature: (value: string) => this.#sign(value) };
  }

  #sign(value: string) {
    return { origin: this.#context.origin, value };
  }

  #finish(response: JsonObject, fallback: string): void {
    this.#start(response);
    const ending = decodeEnding(response, fallback, { hasCall: false, hasRefusal: false });
    if (ending.type === 'failed') {
      this.#fail(ending.error);
      return;
    }
    this.#hydrateItems(response['output']);
    for (const state of this.#items.values()) if (!state.isDone) this.#closeUnfinished(state);
    const usage = decodeUsage(response['usage']);
    if (usage !== undefined) this.#events.push({ type: 'usage', usage });
    const { reason, upstreamReason } = this.#settle(response, fallback, ending);
    const extensions: Extensions = responseExtensions(response);
    this.#events.push({ type: 'message-end', reason, upstreamReason, extensions });
    this.#hasEnded = true;
  }

  /** The natural reason depends on blocks that the final event itself may have brought. */
  #settle(response: JsonObject, fallback: string, before: Extract<ReturnType<typeof decodeEnding>, { type: 'ended' }>) {
    const traits = { hasCall: this.#hasCall, hasRefusal: this.#hasRefusal };
    const after = decodeEnding(response, fallback, traits);
    return after.type === 'ended' ? after : before;
  }

  /**
   * What the final event says of items that are not done, and items that were never streamed. Where a service counts its
   * indices otherwise in the stream, the list is no longer than what has been passed on, and nothing is missing.
   */
  #hydrateItems(output: unknown): void {
    if (!Array.isArray(output)) return;
    const isWhole = this.#items.size >= output.length;
    const ids = new Set<unknown>();
    for (const { item } of this.#items.values()) ids.add(textOf(item['id']));
    output.forEach((item: unknown, index) => {
      if (!isObject(item)) return;
      const state = this.#items.get(index);
      if (state !== undefined) {
        if (!state.isDone && state.type === (textOf(item['type']) ?? 'message')) this.#itemDone(index, item);
        return;
      }
      const id = textOf(item['id']);
      if (!isWhole && (id === undefined || !ids.has(id))) this.#itemDone(index, item);
    });
  }

  /** An item that no event finished: what was said when it was added is all there is. */
  #closeUnfinished(state: ItemState): void {
    if (state.type === 'function_call' || state.type === 'custom_tool_call') {
      this.#hydrateInput(state, inputOf(state.item));
    }
    this.#close(state, state.item);
  }

  #fail(error: ProxyCastError): void {
    for (const state of this.#items.values()) if (!state.isDone) this.#closeFailed(state);
    this.#events.push({ type: 'error', error });
    this.#hasEnded = true;
  }

  #closeFailed(state: ItemState): void {
    state.isDone = true;
    for (const part of state.parts.values()) this.#endPart(state, part, state.item);
    for (const thinking of state.thinking) this.#endThinking(state, thinking, state.item);
    if (state.block !== undefined) this.#events.push({ type: 'block-end', block: state.block });
  }
}

const isErrorOf = ({ error }: JsonObject): boolean => isObject(error) || textOf(error) !== undefined;

const itemTypeOf = (event: string): string =>
  event.startsWith('response.custom_tool_call') ? 'custom_tool_call' : 'function_call';

const partIndexOf = (value: JsonObject, kind: 'full' | 'summary'): number =>
  countOf(value[kind === 'summary' ? 'summary_index' : 'content_index']) ?? 0;

/** What of the whole text has not been said; nothing where the two do not agree, since what was said stays. */
function missingOf(said: string, whole: string): string {
  if (said === '') return whole;
  return whole.length > said.length && whole.startsWith(said) ? whole.slice(said.length) : '';
}
