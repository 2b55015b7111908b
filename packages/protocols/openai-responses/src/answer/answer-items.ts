import { fitCallId, tagSignature, UNSIGNED } from '@proxycast/conversion';
import type {
  BlockId,
  Citation,
  JsonObject,
  ServerToolKind,
  Signature,
  StreamEvent,
  TokenLogprob,
} from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { encodeAnnotation } from '../item/annotations.ts';
import { itemIdOf } from '../item/item-id.ts';
import { type ItemPlace, placeOf } from '../item/item-place.ts';
import { encodeLogprobs } from '../item/logprobs.ts';
import { markSignature } from '../item/signature-mark.ts';
import { DIALECT } from '../own-fields.ts';
import { GIVEN_ID_RULE } from '../request/name-rules.ts';
import type {
  AnswerItem,
  CallItem,
  ItemPart,
  ItemStatus,
  MessageItem,
  ReasoningItem,
  ServerItem,
  WholePart,
} from './answer-item.ts';

/** Is told what happens to the items, in the order of the API's events. */
export interface ItemSink {
  itemAdded(item: AnswerItem, skeleton?: JsonObject): void;
  partAdded(item: MessageItem | ReasoningItem, part: ItemPart | WholePart): void;
  textDelta(part: ItemPart, text: string, logprobs: readonly JsonObject[] | undefined): void;
  annotationAdded(item: MessageItem, part: ItemPart, annotation: JsonObject): void;
  partDone(item: MessageItem | ReasoningItem, part: ItemPart | WholePart): void;
  inputDelta(item: CallItem, text: string): void;
  /** Its input is whole. */
  inputDone(item: CallItem | ServerItem): void;
  itemDone(item: AnswerItem): void;
}

const BEGUN: ItemStatus = 'in_progress';

type Event<Type extends StreamEvent['type']> = Extract<StreamEvent, { readonly type: Type }>;

/**
 * The items of an answer made of its events, one block after the other. Texts in a row are parts of one message, unless
 * they come from this dialect, where the blocks say which item they are of. An item is done when something else begins:
 * only then it is known whether it was cut.
 */
export class AnswerItems {
  readonly items: AnswerItem[] = [];
  hasRefusal = false;
  /** Set before what ends the answer badly: what is still open then was cut. */
  isFailing = false;

  readonly #sink: ItemSink | undefined;
  /** Of the response: the ids of its items are made from it. */
  responseId = '';
  /** The item that is written or could go on. */
  #open: AnswerItem | undefined;
  #part: ItemPart | undefined;
  #block: BlockId = -1;
  /** The signature of the open block where the dialect has no place for it: it follows the block. */
  #following: Signature | undefined;
  /** A thinking block of another dialect that has said nothing yet. */
  #pendingThinking: ItemPlace | undefined;
  /**
   * A signed text of another dialect that has said nothing yet. Where it stays empty its signature is all there is to keep:
   * an empty message would be the last thing a client shows.
   */
  #pendingText: { readonly signature: Signature; readonly place: ItemPlace } | undefined;
  #thinkingType: 'summary_text' | 'reasoning_text' = 'summary_text';
  #thinkingPart = -1;
  readonly #bySourceIndex = new Map<number, AnswerItem>();

  constructor(sink?: ItemSink) {
    this.#sink = sink;
  }

  apply(event: StreamEvent): void {
    switch (event.type) {
      case 'text-delta':
        if (event.block !== this.#block) return;
        if (this.#pendingText !== undefined && event.text !== '') this.#beginSignedText(event.block, this.#pendingText);
        this.#addText(event.text, event.logprobs);
        return;
      case 'refusal-delta':
        if (event.block === this.#block) this.#addText(event.text, undefined);
        return;
      case 'tool-input-delta':
      case 'server-tool-input-delta':
        if (event.block === this.#block) this.#addInput(event.json);
        return;
      case 'thinking-delta':
        if (event.block === this.#block) this.#addThinking(event.text, event.part ?? 0);
        return;
      case 'citation':
        if (event.block === this.#block) this.#cite(event.citation);
        return;
      case 'signature':
        if (event.block === this.#block) this.#sign(event.signature);
        return;
      case 'text-start':
        if (event.signature !== undefined) this.#awaitText(event, event.signature);
        else this.#startText('output_text', event.block, placeOf(event.extensions));
        return;
      case 'refusal-start':
        this.hasRefusal = true;
        this.#startText('refusal', event.block, placeOf(event.extensions));
        return;
      case 'thinking-start':
        this.#startThinking(event);
        return;
      case 'redacted-thinking':
        this.#addRedacted(event);
        return;
      case 'tool-call-start':
        this.#carry(event.signature);
        this.#startCall(event);
        return;
      case 'server-tool-start':
        this.#startServerTool(event);
        return;
      case 'server-tool-result':
        this.#addServerResult(event);
        return;
      case 'image':
        this.#carry(event.signature);
        this.#addImage(event);
        return;
      case 'opaque':
        this.#addOpaque(event);
        return;
      case 'block-end':
        if (event.block === this.#block)
          this.#endBlock(event.extensions === undefined ? undefined : placeOf(event.extensions));
        return;
      default:
    }
  }

  /** An item of this dialect that begins before any block of it. */
  addSource(sourceIndex: number, value: JsonObject): void {
    if (this.#bySourceIndex.has(sourceIndex)) return;
    this.#closeOpen();
    this.#addWhole({ index: sourceIndex, item: value }, value, true);
    this.#open = undefined;
  }

  /** The item with that place upstream. */
  bySource(sourceIndex: number): AnswerItem | undefined {
    return this.#bySourceIndex.get(sourceIndex);
  }

  /** All is said. `isCut`: the last item was not finished. */
  close(isCut: boolean): void {
    this.#endBlock(undefined);
    this.#closeOpen(isCut ? 'incomplete' : 'completed');
    for (const item of this.items) if (!item.isDone) this.#finish(item, isCut ? 'incomplete' : 'completed');
  }

  #base(type: AnswerItem['type'], { index, item }: ItemPlace) {
    const outputIndex = this.items.length;
    return {
      outputIndex,
      id: textOf(item?.['id']) ?? itemIdOf(type, this.responseId, outputIndex),
      ...(index === undefined ? {} : { sourceIndex: index }),
      status: BEGUN,
      isDone: false,
      ...(item === undefined ? {} : { rest: item }),
    };
  }

  #add<Item extends AnswerItem>(item: Item, skeleton?: JsonObject): Item {
    this.items.push(item);
    this.#open = item;
    if (item.sourceIndex !== undefined) this.#bySourceIndex.set(item.sourceIndex, item);
    this.#sink?.itemAdded(item, skeleton);
    return item;
  }

  /**
   * The open item, or one begun early, where the block goes on with it: blocks of this dialect by their index, others
   * as the caller says. Anything else that is open is done.
   */
  #continued(place: ItemPlace, goesOn: boolean): AnswerItem | undefined {
    const open = this.#open;
    if (place.index !== undefined) {
      const known = this.#bySourceIndex.get(place.index);
      if (known !== open) this.#closeOpen();
      if (known === undefined || known.isDone) return undefined;
      if (known.type === 'whole') known.isAwaited = false;
      this.#open = known;
      return known;
    }
    if (open !== undefined && open.sourceIndex === undefined && goesOn) return open;
    this.#closeOpen();
    return undefined;
  }

  #addWhole(place: ItemPlace, value: JsonObject, isAwaited = false): void {
    this.#add({ type: 'whole', ...this.#base('whole', place), value, isAwaited }, value);
  }

  #startText(type: 'output_text' | 'refusal', block: BlockId, place: ItemPlace): void {
    this.#endBlock(undefined);
    const known = this.#continued(place, this.#open?.type === 'message');
    const item = known?.type === 'message' ? known : this.#addMessage(place);
    this.#block = block;
    const part: ItemPart = { type, index: item.content.length, text: '', annotations: [], logprobs: [] };
    item.content.push(part);
    this.#part = part;
    this.#sink?.partAdded(item, part);
  }

  #awaitText({ block, extensions }: Event<'text-start'>, signature: Signature): void {
    this.#endBlock(undefined);
    this.#block = block;
    this.#pendingText = { signature, place: placeOf(extensions) };
  }

  #beginSignedText(block: BlockId, { signature, place }: { signature: Signature; place: ItemPlace }): void {
    this.#pendingText = undefined;
    this.#carry(signature);
    this.#startText('output_text', block, place);
  }

  #addMessage(place: ItemPlace): MessageItem {
    return this.#add({ type: 'message', ...this.#base('message', place), content: [] });
  }

  #addText(text: string, logprobs: readonly TokenLogprob[] | undefined): void {
    const part = this.#part;
    if (part === undefined) return;
    part.text += text;
    if (logprobs === undefined) {
      this.#sink?.textDelta(part, text, undefined);
      return;
    }
    const encoded = encodeLogprobs(logprobs);
    part.logprobs.push(...encoded);
    this.#sink?.textDelta(part, text, encoded);
  }

  #cite(citation: Citation): void {
    const part = this.#part;
    const item = this.#open;
    if (part?.type !== 'output_text' || item?.type !== 'message') return;
    const annotation = encodeAnnotation(citation, part.text.length);
    if (annotation === undefined) return;
    part.annotations.push(annotation);
    this.#sink?.annotationAdded(item, part, annotation);
  }

  #startThinking({ block, kind, extensions }: Event<'thinking-start'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    const known = this.#continued(place, false);
    this.#block = block;
    this.#thinkingPart = -1;
    this.#thinkingType = place.index !== undefined && kind === 'full' ? 'reasoning_text' : 'summary_text';
    if (known?.type === 'whole') this.#becomeReasoning(known, place);
    else if (known?.type !== 'reasoning') this.#pendingThinking = place;
  }

  /** What began as an item nobody knew yet has turned out to have something to read. */
  #becomeReasoning(before: AnswerItem, { item }: ItemPlace): ReasoningItem {
    const { outputIndex, id, sourceIndex, status } = before;
    const reasoning: ReasoningItem = {
      type: 'reasoning',
      outputIndex,
      id,
      ...(sourceIndex === undefined ? {} : { sourceIndex }),
      status,
      isDone: false,
      ...(item === undefined ? {} : { rest: item }),
      summary: [],
      content: [],
    };
    this.items[outputIndex] = reasoning;
    if (sourceIndex !== undefined) this.#bySourceIndex.set(sourceIndex, reasoning);
    this.#open = reasoning;
    return reasoning;
  }

  /** The reasoning item of the open block, begun now where it is the first that is said. */
  #reasoning(): ReasoningItem | undefined {
    const pending = this.#pendingThinking;
    if (pending === undefined) return this.#open?.type === 'reasoning' ? this.#open : undefined;
    this.#pendingThinking = undefined;
    return this.#addReasoning(pending);
  }

  #addReasoning(place: ItemPlace): ReasoningItem {
    return this.#add({ type: 'reasoning', ...this.#base('reasoning', place), summary: [], content: [] });
  }

  #addThinking(text: string, part: number): void {
    const item = this.#reasoning();
    if (item === undefined) return;
    if (this.#part === undefined || part > this.#thinkingPart) {
      this.#endPart(item);
      this.#thinkingPart = part;
      const list = this.#thinkingType === 'summary_text' ? item.summary : item.content;
      const begun: ItemPart = { type: this.#thinkingType, index: list.length, text: '', annotations: [], logprobs: [] };
      list.push(begun);
      this.#part = begun;
      this.#sink?.partAdded(item, begun);
    }
    const current = this.#part;
    current.text += text;
    this.#sink?.textDelta(current, text, undefined);
  }

  #sign(signature: Signature): void {
    if (this.#pendingThinking !== undefined || this.#open?.type === 'reasoning') {
      const item = this.#reasoning();
      if (item !== undefined) item.encrypted = tagSignature(signature, DIALECT);
      return;
    }
    if (this.#pendingText !== undefined) this.#pendingText = { ...this.#pendingText, signature };
    else this.#following = signature;
  }

  #addRedacted({ signature, extensions }: Event<'redacted-thinking'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    const known = this.#continued(place, false);
    const item = known?.type === 'whole' ? this.#becomeReasoning(known, place) : this.#addReasoning(place);
    // An item with nothing but its encrypted form is this dialect's own way to say it.
    item.encrypted = tagSignature(
      place.index === undefined ? markSignature(signature, 'redacted') : signature,
      DIALECT,
    );
  }

  /** A signature in front of a block that has no place for it: a reasoning item of its own. */
  #carry(signature: Signature | undefined): void {
    if (signature !== undefined) this.#addCarrier(signature, 'next');
  }

  #addCarrier(signature: Signature, mark: 'next' | 'previous' | 'empty'): void {
    this.#endBlock(undefined);
    this.#closeOpen();
    this.#addReasoning({}).encrypted = tagSignature(markSignature(signature, mark), DIALECT);
    this.#closeOpen();
  }

  #startCall({ block, callId, name, kind, namespace, extensions }: Event<'tool-call-start'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    this.#continued(place, false);
    this.#block = block;
    const type = kind === 'custom' ? 'custom_tool_call' : 'function_call';
    this.#add({
      type,
      ...this.#base(type, place),
      callId: fitCallId(callId, GIVEN_ID_RULE),
      name,
      ...(namespace === undefined ? {} : { namespace }),
      input: '',
    });
  }

  #addInput(json: string): void {
    const item = this.#open;
    switch (item?.type) {
      case 'function_call':
      case 'custom_tool_call':
        item.input += json;
        this.#sink?.inputDelta(item, json);
        return;
      case 'web_search_call':
      case 'code_interpreter_call':
      case 'mcp_call':
        item.input += json;
        return;
      default:
    }
  }

  #startServerTool({ block, callId, tool, name, signature, extensions }: Event<'server-tool-start'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    if (place.item !== undefined) {
      this.#continued(place, false);
      this.#block = block;
      this.#addWhole(place, place.item);
      return;
    }
    const type = SERVER_ITEMS[tool];
    if (type === undefined) {
      this.#closeOpen();
      return;
    }
    this.#carry(signature);
    this.#closeOpen();
    this.#block = block;
    this.#add({ type, ...this.#base(type, place), callId, name, input: '', sources: [], isError: false });
  }

  /** A result belongs to the item of its call. */
  #addServerResult({ callId, isError, sources, text, extensions }: Event<'server-tool-result'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    if (place.item !== undefined) {
      const known = place.index === undefined ? undefined : this.#bySourceIndex.get(place.index);
      if (known === undefined) {
        this.#continued(place, false);
        this.#addWhole(place, place.item);
        return;
      }
      if (known.type !== 'whole' || known.isDone) return;
      known.value = place.item;
      if (!known.isAwaited) return;
      known.isAwaited = false;
      this.#closeOpen();
      this.#open = known;
      return;
    }
    const item = this.items.findLast(
      (candidate): candidate is ServerItem => 'sources' in candidate && candidate.callId === callId,
    );
    if (item === undefined || item.isDone) return;
    if (sources !== undefined) item.sources.push(...sources);
    if (text !== undefined) item.output = text;
    if (isError === true) item.isError = true;
  }

  #addImage({ source, extensions }: Event<'image'>): void {
    this.#endBlock(undefined);
    const place = placeOf(extensions);
    const known = this.#continued(place, false);
    const result = source.type === 'base64' ? source.data : source.type === 'url' ? source.url : undefined;
    if (result === undefined) return;
    if (known?.type === 'whole') {
      known.value = { ...place.item, result };
      return;
    }
    const type = 'image_generation_call';
    this.#add({ type, ...this.#base(type, place), result });
  }

  /** What only this dialect knows is written as it is; what another knows has no place here. */
  #addOpaque({ protocol, value, extensions }: Event<'opaque'>): void {
    this.#endBlock(undefined);
    if (protocol !== DIALECT) return;
    const place = placeOf(extensions);
    const known = this.#continued(place, false);
    if (place.part !== undefined) {
      const item = known?.type === 'message' ? known : this.#addMessage(place);
      const part: WholePart = { type: 'whole', index: item.content.length, value };
      item.content.push(part);
      this.#sink?.partAdded(item, part);
      this.#sink?.partDone(item, part);
      return;
    }
    if (known?.type === 'whole') {
      known.value = value;
      return;
    }
    this.#addWhole({ ...place, item: value }, value);
  }

  #endBlock(place: ItemPlace | undefined): void {
    if (this.#block < 0) return;
    this.#block = -1;
    this.#pendingThinking = undefined;
    const pendingText = this.#pendingText;
    this.#pendingText = undefined;
    if (pendingText !== undefined) {
      this.#addCarrier(pendingText.signature, 'empty');
      return;
    }
    const item = this.#open;
    if (item !== undefined) {
      if (place?.item !== undefined) {
        if (item.type === 'whole') item.value = place.item;
        else item.rest = place.item;
      }
      if (place?.part !== undefined && this.#part !== undefined) this.#part.rest = place.part;
      if (item.type === 'message' || item.type === 'reasoning') this.#endPart(item);
    }
    const following = this.#following;
    this.#following = undefined;
    if (following !== undefined) this.#addCarrier(following, 'previous');
  }

  #endPart(item: MessageItem | ReasoningItem): void {
    const part = this.#part;
    this.#part = undefined;
    if (part !== undefined) this.#sink?.partDone(item, part);
  }

  #closeOpen(status: ItemStatus = 'completed'): void {
    const item = this.#open;
    this.#open = undefined;
    if (item === undefined || item.isDone || (item.type === 'whole' && item.isAwaited)) return;
    this.#finish(item, this.isFailing ? 'incomplete' : status);
  }

  #finish(item: AnswerItem, status: ItemStatus): void {
    item.status = status;
    // A service of this dialect refuses reasoning that came from elsewhere and says nothing to it.
    if (item.type === 'reasoning' && item.sourceIndex === undefined) item.encrypted ??= UNSIGNED;
    if ('input' in item) {
      if (this.isFailing) {
        // Half a program must not run: some clients run a call as soon as its item is done.
        if (item.type === 'custom_tool_call') item.input = '';
      } else this.#sink?.inputDone(item);
    }
    item.isDone = true;
    this.#sink?.itemDone(item);
  }
}

const SERVER_ITEMS: Partial<Readonly<Record<ServerToolKind, ServerItem['type']>>> = {
  'web-search': 'web_search_call',
  'web-fetch': 'web_search_call',
  'code-execution': 'code_interpreter_call',
  mcp: 'mcp_call',
};
