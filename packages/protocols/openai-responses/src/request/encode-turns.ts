import { fitCallId, inputTextOf, resultTextOf, signatureFor } from '@proxycast/conversion';
import type {
  ChatBlock,
  ChatTurn,
  EncodeRequestContext,
  JsonObject,
  RedactedThinkingBlock,
  ThinkingBlock,
  ToolCallBlock,
  ToolResultBlock,
} from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { isMadeId, isServiceId } from '../item/item-id.ts';
import { type ItemPlace, placeOf } from '../item/item-place.ts';
import { encodeLogprobs } from '../item/logprobs.ts';
import { DIALECT, ownFields } from '../own-fields.ts';
import { encodeInputPart } from './encode-content.ts';
import { CALL_ID_RULE } from './name-rules.ts';

export interface EncodedTurns {
  readonly instructions?: string;
  readonly items: readonly JsonObject[];
}

export interface TurnContext extends Pick<EncodeRequestContext, 'origin' | 'report'> {
  /** The client asked in this dialect. */
  readonly isOwn: boolean;
  /** Nothing is known at the service by its id. */
  readonly isStateless: boolean;
  /** Calls and results may stand for what only the service has. */
  readonly isPartOfLonger: boolean;
}

/** Turns as items in their order; system text at the front as instructions, later system text where it was said. */
export function encodeTurns(turns: readonly ChatTurn[], context: TurnContext): EncodedTurns {
  const { instructions, count } = frontOf(turns, context.isOwn);
  const encoder = new TurnEncoder(context);
  turns.forEach((turn, index) => {
    if (index >= count) encoder.add(turn, index);
  });
  const items = encoder.finish();
  if (instructions === undefined) return { items };
  // Without a word of anybody else the service has nothing to answer.
  if (items.length === 0 && !context.isPartOfLonger) {
    return { items: [{ type: 'message', role: 'developer', content: instructions }] };
  }
  return { instructions, items };
}

/** In this dialect only what the client itself wrote as instructions; of other dialects all system text at the front. */
function frontOf(
  turns: readonly ChatTurn[],
  isOwn: boolean,
): { readonly instructions?: string; readonly count: number } {
  if (isOwn && turns[0]?.role === 'system' && ownFields(turns[0].extensions)?.['field'] === 'instructions') {
    return { instructions: turns[0].blocks.map(plainTextOf).join('\n\n'), count: 1 };
  }
  if (isOwn) return { count: 0 };
  const texts: string[] = [];
  let count = 0;
  for (const turn of turns) {
    if (turn.role !== 'system' || !turn.blocks.every((block) => block.type === 'text')) break;
    texts.push(...turn.blocks.map(plainTextOf).filter((text) => text !== ''));
    count++;
  }
  return texts.length === 0 ? { count } : { instructions: texts.join('\n\n'), count };
}

const plainTextOf = (block: ChatBlock): string => (block.type === 'text' ? block.text : '');

/** Reasoning that nothing of its answer follows, as of an answer that was cut: by its id the service asks for what followed. */
function withoutLoneId(item: JsonObject, index: number, items: readonly JsonObject[]): JsonObject {
  if (item['type'] !== 'reasoning' || item['id'] === undefined) return item;
  const next = items[index + 1];
  if (next !== undefined && !(next['type'] === 'message' && next['role'] !== 'assistant')) return item;
  const { id: _, ...rest } = item;
  return rest;
}

const NO_RESULT = '(no result: the call was cancelled)';

class TurnEncoder {
  readonly #items: JsonObject[] = [];
  readonly #context: TurnContext;
  /** Calls that nothing has answered yet, with what they would be answered by. */
  readonly #open = new Map<string, string>();
  /** The item that blocks of the same index go on with. */
  #index: number | undefined;
  #message: { readonly content: JsonObject[] } | undefined;

  constructor(context: TurnContext) {
    this.#context = context;
  }

  add(turn: ChatTurn, index: number): void {
    this.#message = undefined;
    this.#index = undefined;
    const field = (block: number) => `messages.${index}.content.${block}`;
    switch (turn.role) {
      case 'system':
      case 'user':
        this.#addMessage(turn, field);
        return;
      case 'tool':
      case 'assistant':
        turn.blocks.forEach((block, position) => {
          this.#addBlock(block, field(position));
        });
    }
  }

  finish(): readonly JsonObject[] {
    const { isPartOfLonger, report } = this.#context;
    if (!isPartOfLonger && this.#open.size > 0) {
      for (const [callId, type] of this.#open) this.#items.push({ type, call_id: callId, output: NO_RESULT });
      report('messages', 'added');
    }
    return this.#context.isStateless ? this.#items.map(withoutLoneId) : this.#items;
  }

  #addMessage(turn: ChatTurn, field: (block: number) => string): void {
    const own = ownFields(turn.extensions);
    const rest = isObject(own?.['item']) ? own['item'] : undefined;
    const role = turn.role === 'user' ? 'user' : roleOf(own, this.#context.isOwn);
    let content: JsonObject[] = [];
    const flush = () => {
      if (content.length > 0) this.#items.push(encodeMessage(role, content, rest));
      content = [];
    };
    turn.blocks.forEach((block, position) => {
      const place = placeOf(block.extensions);
      const isItem = block.type === 'tool-result' || place.item !== undefined || isOpaqueItem(block, place);
      if (isItem) {
        flush();
        this.#addBlock(block, field(position));
        return;
      }
      if (block.type === 'text' && block.text === '' && !this.#context.isOwn) return;
      const part = encodeInputPart(block, { ...this.#context, field: field(position) });
      if (part !== undefined) content.push(part);
    });
    flush();
  }

  #addBlock(block: ChatBlock, field: string): void {
    const { report } = this.#context;
    const place = placeOf(block.extensions);
    switch (block.type) {
      case 'text':
        if (block.text !== '' || this.#context.isOwn) this.#addText(encodeOutputText(block, place), place);
        return;
      case 'refusal':
        this.#addText({ type: 'refusal', refusal: block.text, ...place.part }, place);
        return;
      case 'thinking':
      case 'redacted-thinking':
        this.#addThinking(block, place);
        return;
      case 'tool-call':
        this.#addCall(block, place);
        return;
      case 'tool-result':
        this.#addResult(block, place, field);
        return;
      case 'server-tool-call':
      case 'server-tool-result':
        if (place.item === undefined || isMadeHere(place.item)) report(field, 'dropped');
        else this.#addWhole(place.item, place.index);
        return;
      case 'opaque':
        if (block.protocol !== DIALECT) report(field, 'dropped');
        else if (place.part !== undefined) this.#addText(block.value, place);
        else if (!this.#isForgotten(block.value)) this.#addWhole(block.value, place.index);
        return;
      default:
        this.#addMedia(block, place, field);
    }
  }

  /** Texts of one item, and those in a row that are of none, are parts of one message. */
  #addText(part: JsonObject, place: ItemPlace): void {
    if (this.#message !== undefined && this.#index === place.index) {
      this.#message.content.push(part);
      return;
    }
    const content = [part];
    const id = idOf(place.item, 'message');
    const { id: _, ...rest } = place.item ?? {};
    this.#items.push({
      type: 'message',
      role: 'assistant',
      content,
      ...(id === undefined ? {} : { id, status: 'completed' }),
      ...rest,
    });
    this.#message = { content };
    this.#index = place.index;
  }

  #addThinking(block: ThinkingBlock | RedactedThinkingBlock, place: ItemPlace): void {
    const { origin, isOwn, isStateless } = this.#context;
    const isOwnItem = isOwn && place.index !== undefined;
    const encrypted =
      block.signature === undefined ? undefined : signatureFor(block.signature, { origin, dialect: DIALECT });
    const isRaw = isOwnItem && block.type === 'thinking' && block.kind === 'full';
    const id = idOf(place.item, 'reasoning');
    // Without a signature it is only the service's own: what it keeps itself, or the raw text of an open model.
    const isKept = isOwnItem && block.signature === undefined && (isRaw || (id !== undefined && !isStateless));
    if (encrypted === undefined && !isKept) return;
    const before = this.#items[this.#items.length - 1];
    const goesOn = place.index !== undefined && place.index === this.#index && before?.['type'] === 'reasoning';
    this.#message = undefined;
    this.#index = place.index;
    const texts = block.type === 'thinking' ? block.parts : [];
    const list = texts.map((text) => ({ type: isRaw ? 'reasoning_text' : 'summary_text', text }));
    const fields = {
      ...(isRaw ? { content: list } : { summary: list }),
      ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
    };
    if (goesOn) {
      this.#items[this.#items.length - 1] = { ...before, ...fields };
      return;
    }
    const { id: _, ...rest } = place.item ?? {};
    this.#items.push({ type: 'reasoning', ...(id === undefined ? {} : { id }), summary: [], ...rest, ...fields });
  }

  #addCall(block: ToolCallBlock, place: ItemPlace): void {
    this.#message = undefined;
    const type = block.kind === 'custom' ? 'custom_tool_call' : 'function_call';
    const callId = this.#callIdOf(block.callId);
    this.#open.set(callId, `${type}_output`);
    const id = idOf(place.item, type);
    const { id: _, ...rest } = place.item ?? {};
    this.#items.push({
      type,
      ...(id === undefined ? {} : { id }),
      call_id: callId,
      name: block.name,
      ...(block.kind === 'custom' ? { input: inputTextOf(block) } : { arguments: inputTextOf(block) }),
      ...(block.namespace === undefined ? {} : { namespace: block.namespace }),
      ...rest,
    });
  }

  #callIdOf(id: string): string {
    return this.#context.isPartOfLonger ? id : fitCallId(id, CALL_ID_RULE);
  }

  #addResult(block: ToolResultBlock, place: ItemPlace, field: string): void {
    this.#message = undefined;
    const callId = this.#callIdOf(block.callId);
    const type =
      this.#open.get(callId) ?? (block.kind === 'custom' ? 'custom_tool_call_output' : 'function_call_output');
    this.#open.delete(callId);
    this.#items.push({ type, call_id: callId, output: this.#outputOf(block, field), ...place.item });
  }

  /** Text where that is all there is: not every service takes a list. */
  #outputOf(block: ToolResultBlock, field: string): string | readonly JsonObject[] {
    const { isOwn } = this.#context;
    const texts = block.blocks.filter((inner) => inner.type === 'text');
    const isPlain = texts.length === block.blocks.length && (!isOwn || texts.length < 2);
    const prefix = block.isError === true ? ERROR_PREFIX : '';
    if (isPlain && texts.every((text) => placeOf(text.extensions).part === undefined)) {
      return prefix + resultTextOf(block);
    }
    const parts = block.blocks.flatMap((inner, position) => {
      const part = encodeInputPart(inner, { ...this.#context, field: `${field}.content.${position}` });
      return part === undefined ? [] : [part];
    });
    if (prefix === '') return parts;
    const first = parts.findIndex(({ type }) => type === 'input_text');
    if (first < 0) return [{ type: 'input_text', text: prefix.trim() }, ...parts];
    return parts.map((part, index) => (index === first ? { ...part, text: `${prefix}${String(part['text'])}` } : part));
  }

  /** Reasoning of which only the id is left, where nobody knows the id. */
  #isForgotten(item: JsonObject): boolean {
    return this.#context.isStateless && item['type'] === 'reasoning' && textOf(item['encrypted_content']) === undefined;
  }

  #addWhole(item: JsonObject, index: number | undefined): void {
    // A call and its result can be two blocks of one item.
    if (index !== undefined && index === this.#index) return;
    this.#message = undefined;
    this.#index = index;
    this.#items.push(item);
  }

  /** A picture that the model made is an item of its own; any other stands in a message of the user's. */
  #addMedia(block: ChatBlock, place: ItemPlace, field: string): void {
    this.#message = undefined;
    const isOfService = place.item?.['type'] === 'image_generation_call' && !isMadeHere(place.item);
    if (isOfService && block.type === 'image' && block.source.type !== 'file-id') {
      const { source } = block;
      const result = source.type === 'base64' ? source.data : source.type === 'url' ? source.url : source.text;
      this.#items.push({ ...place.item, result });
      return;
    }
    const part = encodeInputPart(block, { ...this.#context, field });
    if (part === undefined) return;
    this.#context.report(field, 'changed');
    this.#items.push({ type: 'message', role: 'user', content: [part] });
  }
}

/** Items of another service's tools, as this dialect says them to its clients: its own service knows nothing of them. */
function isMadeHere(item: JsonObject): boolean {
  const id = textOf(item['id']);
  return id !== undefined && isMadeId(id);
}

const ERROR_PREFIX = 'Error: ';

const isOpaqueItem = (block: ChatBlock, { part }: ItemPlace): boolean =>
  block.type === 'opaque' && block.protocol === DIALECT && part === undefined;

/** `developer` is what the API itself calls it; a client that said `system` is left its word. */
function roleOf(own: JsonObject | undefined, isOwn: boolean): string {
  return isOwn && own?.['role'] !== 'developer' ? 'system' : 'developer';
}

function encodeMessage(role: string, content: readonly JsonObject[], rest: JsonObject | undefined): JsonObject {
  const [first] = content;
  const isPlain = content.length === 1 && first?.['type'] === 'input_text' && Object.keys(first).length === 2;
  return { type: 'message', role, content: isPlain ? first['text'] : content, ...withFittingId(rest, 'message') };
}

function encodeOutputText(block: Extract<ChatBlock, { readonly type: 'text' }>, { item, part }: ItemPlace): JsonObject {
  const annotations = (block.citations ?? []).flatMap(({ extensions }) => ownFields(extensions) ?? []);
  const isWhole = idOf(item, 'message') !== undefined;
  return {
    type: 'output_text',
    text: block.text,
    ...(isWhole || annotations.length > 0 ? { annotations } : {}),
    ...(block.logprobs === undefined || item === undefined ? {} : { logprobs: encodeLogprobs(block.logprobs) }),
    ...part,
  };
}

function withFittingId(rest: JsonObject | undefined, type: IdentifiedType): JsonObject {
  if (rest === undefined || idOf(rest, type) !== undefined) return rest ?? {};
  const { id: _, ...others } = rest;
  return others;
}

type IdentifiedType = 'message' | 'reasoning' | 'function_call' | 'custom_tool_call';

/** The item's own id, where the API would take it: other services give their items other ids. */
function idOf(item: JsonObject | undefined, type: IdentifiedType): string | undefined {
  const id = textOf(item?.['id']);
  return id !== undefined && isServiceId(id, type) ? id : undefined;
}
