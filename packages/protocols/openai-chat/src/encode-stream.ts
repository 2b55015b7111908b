import { fitCallId, mergeUsage, tagSignature } from '@proxycast/conversion';
import {
  type Citation,
  type EncodeAnswerContext,
  type JsonObject,
  type Signature,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  unreachable,
} from '@proxycast/spec';
import { encodeAnnotation } from './annotations.ts';
import { heldAudioId } from './audio-format.ts';
import { type CarriedSignature, encodeCarried } from './carried-signature.ts';
import { asksInOldForm, isEverywhere, splitFields } from './completion-fields.ts';
import { completionId } from './completion-id.ts';
import { addressOf } from './data-uri.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { encodeUsage } from './encode-usage.ts';
import { GIVEN_ID_RULE } from './given-id-rule.ts';
import { encodeLogprobs } from './logprobs.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { carriedOf, type MessageUnit } from './message-units.ts';
import { renderStreamError } from './render-error.ts';
import { withThoughtSignature } from './thought-signature.ts';

/**
 * Writes the chunks the API sends. The chunk with the usage comes only when the client asked for it, after the one with
 * the reason to stop; all others then carry `usage: null`. A message that never ended gets no `[DONE]`.
 */
export const createStreamEncoder = (context: EncodeAnswerContext): StreamEncoder => new ChatStreamEncoder(context);

/** One choice while it is written. */
interface Choice {
  readonly index: number;
  /** Everything of a chunk of this choice before the fields of its delta. */
  head: string;
  /** Calls are counted among themselves; text does not take an index. */
  calls: number;
  images: number;
  /** Characters of visible text so far. */
  textLength: number;
  thinking: string;
  readonly units: MessageUnit[];
  readonly annotations: JsonObject[];
  isEnded: boolean;
}

interface Block {
  readonly choice: Choice;
  readonly type: 'text' | 'thinking' | 'call' | 'custom-call' | 'refusal' | 'audio' | 'hidden';
  readonly unit: MessageUnit | undefined;
  /** Of a call among its choice's calls. */
  readonly index: number;
  /** Of thinking: the part that is being written; -1 before the first. Of a call: 0 while it has no input. */
  progress: number;
  citations: Citation[] | undefined;
}

const NULL_END = '},"logprobs":null,"finish_reason":null}]';
const DONE = 'data: [DONE]\n\n';

class ChatStreamEncoder implements StreamEncoder {
  readonly #context: EncodeAnswerContext;
  readonly #isUsageWanted: boolean;
  readonly #isOldForm: boolean;
  readonly #choices: Choice[] = [];
  readonly #blocks = new Map<number, Block>();
  /** Ends a chunk that has a choice without logprobs and reason. */
  readonly #tail: string;
  /** Ends every chunk but the one with the usage. */
  readonly #end: string;
  #id = '';
  #model: string;
  #created: number;
  #everywhere: JsonObject = {};
  #base = '';
  #usage: TokenUsage | undefined;
  #isFailed = false;

  constructor(context: EncodeAnswerContext) {
    const { request, nowMs } = context;
    this.#context = context;
    this.#isUsageWanted = request.includeUsage === true;
    this.#isOldForm = asksInOldForm(request);
    this.#model = request.model;
    this.#created = Math.floor(nowMs / 1000);
    this.#end = this.#isUsageWanted ? ',"usage":null}\n\n' : '}\n\n';
    this.#tail = NULL_END + this.#end;
  }

  push(events: readonly StreamEvent[]): string {
    let text = '';
    for (const event of events) {
      if (this.#isFailed) return text;
      text += this.#encode(event);
    }
    return text;
  }

  end(): string {
    const isWhole = this.#choices.length > 0 && this.#choices.every(({ isEnded }) => isEnded);
    if (this.#isFailed || !isWhole) return '';
    this.#isFailed = true;
    if (!this.#isUsageWanted) return DONE;
    const usage = JSON.stringify(encodeUsage(this.#usage ?? {}));
    return `data: {${this.#base}"choices":[],"usage":${usage}}\n\n${DONE}`;
  }

  #encode(event: StreamEvent): string {
    switch (event.type) {
      case 'text-delta': {
        const block = this.#blocks.get(event.block);
        if (block === undefined || block.type !== 'text') return '';
        const { choice } = block;
        choice.textLength += event.text.length;
        const fields = `"content":${JSON.stringify(event.text)}`;
        if (event.logprobs === undefined) return choice.head + fields + this.#tail;
        return choice.head + fields + this.#tailWith({ content: encodeLogprobs(event.logprobs), refusal: null });
      }
      case 'thinking-delta':
        return this.#think(event);
      case 'tool-input-delta': {
        const block = this.#blocks.get(event.block);
        if (block === undefined || event.json === '') return '';
        block.progress = 1;
        return this.#input(block, event.json);
      }
      case 'message-start':
        return this.#start(event);
      case 'text-start': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'text', choice, unit: newUnit('text', choice.textLength, event.signature) });
        return role;
      }
      case 'refusal-start': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'refusal', choice, unit: newUnit('other', 0) });
        return role;
      }
      case 'thinking-start': {
        const [role, choice] = this.#choiceOf(event);
        const unit = newUnit(event.kind === 'summary' ? 'summary' : 'thinking', choice.thinking.length);
        this.#open(event, { type: 'thinking', choice, unit });
        return role;
      }
      case 'redacted-thinking': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'hidden', choice, unit: newUnit('redacted', 0, event.signature) });
        return role;
      }
      case 'tool-call-start':
        return this.#call(event);
      case 'refusal-delta': {
        const block = this.#blocks.get(event.block);
        if (block === undefined || event.text === '') return '';
        return `${block.choice.head}"refusal":${JSON.stringify(event.text)}${this.#tail}`;
      }
      case 'citation': {
        const block = this.#blocks.get(event.block);
        if (block === undefined) return '';
        block.citations ??= [];
        block.citations.push(event.citation);
        return '';
      }
      case 'signature':
        return this.#sign(event.block, event.signature);
      case 'image': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'hidden', choice, unit: newUnit('other', 0) });
        const url = addressOf(event.source);
        if (url === undefined) return role;
        const image = { type: 'image_url', image_url: { url }, index: choice.images++ };
        return `${role}${choice.head}"images":[${JSON.stringify(image)}]${this.#tail}`;
      }
      case 'audio-start': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'audio', choice, unit: newUnit('other', 0) });
        const id = JSON.stringify(event.id ?? heldAudioId(event.format ?? ''));
        return `${role}${choice.head}"audio":{"id":${id}}${this.#tail}`;
      }
      case 'audio-delta': {
        const block = this.#blocks.get(event.block);
        if (block === undefined) return '';
        const { data, transcript } = event;
        return `${block.choice.head}"audio":${JSON.stringify({ data, transcript })}${this.#tail}`;
      }
      case 'block-end':
        return this.#endBlock(event);
      case 'message-end':
        return this.#endChoice(event);
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'error':
        this.#isFailed = true;
        return renderStreamError(event.error);
      case 'ping':
        return ': ping\n\n';
      case 'extension':
        return event.protocol === DIALECT ? this.#extend(event.value) : '';
      // Tools of the service, and what only another dialect knows, have no place in an answer of this one.
      case 'server-tool-start':
      case 'server-tool-result':
      case 'opaque': {
        const [role, choice] = this.#choiceOf(event);
        this.#open(event, { type: 'hidden', choice, unit: undefined });
        return role;
      }
      case 'server-tool-input-delta':
        return '';
      default:
        return unreachable(event);
    }
  }

  #start(event: Extract<StreamEvent, { type: 'message-start' }>): string {
    this.#id = completionId(event.id);
    this.#model = event.model;
    if (event.createdAtSeconds !== undefined) this.#created = event.createdAtSeconds;
    const { everywhere, once } = splitFields(event);
    this.#everywhere = everywhere;
    this.#rebase();
    const more = Object.keys(once).length === 0 ? '' : `,${JSON.stringify(once).slice(1, -1)}`;
    return this.#addChoice(0, more)[0];
  }

  /** Everything of a chunk that is the same in all of them. */
  #rebase(): void {
    const head = {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: this.#created,
      model: this.#model,
      ...this.#everywhere,
    };
    this.#base = `${JSON.stringify(head).slice(1, -1)},`;
    for (const choice of this.#choices) choice.head = this.#headOf(choice.index);
  }

  #headOf(index: number): string {
    return `data: {${this.#base}"choices":[{"index":${index},"delta":{`;
  }

  #choiceOf({ choice: index = 0 }: { readonly choice?: number }): readonly [string, Choice] {
    for (const choice of this.#choices) if (choice.index === index) return ['', choice];
    if (this.#base === '') this.#rebase();
    return this.#addChoice(index, '');
  }

  /** The first chunk of a choice names its role. */
  #addChoice(index: number, more: string): readonly [string, Choice] {
    const choice: Choice = {
      index,
      head: this.#headOf(index),
      calls: 0,
      images: 0,
      textLength: 0,
      thinking: '',
      units: [],
      annotations: [],
      isEnded: false,
    };
    this.#choices.push(choice);
    const role = `${choice.head}"role":"assistant","content":"","refusal":null${NULL_END}${more}${this.#end}`;
    return [role, choice];
  }

  #open(
    { block: id }: { readonly block: number },
    { type, choice, unit, index = 0 }: Pick<Block, 'type' | 'choice' | 'unit'> & { readonly index?: number },
  ): void {
    if (unit !== undefined) choice.units.push(unit);
    const progress = type === 'thinking' ? -1 : 0;
    this.#blocks.set(id, { type, choice, unit, index, progress, citations: undefined });
  }

  #think({ block: id, text, part = 0 }: Extract<StreamEvent, { type: 'thinking-delta' }>): string {
    const block = this.#blocks.get(id);
    if (block === undefined || block.type !== 'thinking' || text === '') return '';
    const { choice, unit } = block;
    let said = text;
    if (block.progress !== part) {
      // Parts, and thoughts of several blocks, stand in one text: a blank line is between them.
      if (choice.thinking.length > 0) said = `\n\n${text}`;
      if (block.progress === -1 && unit !== undefined) {
        unit.start = choice.thinking.length + said.length - text.length;
      }
      block.progress = part;
    }
    choice.thinking += said;
    return `${choice.head}"reasoning_content":${JSON.stringify(said)}${this.#tail}`;
  }

  #call(event: Extract<StreamEvent, { type: 'tool-call-start' }>): string {
    const [role, choice] = this.#choiceOf(event);
    const isCustom = event.kind === 'custom';
    const index = choice.calls++;
    this.#open(event, { type: isCustom ? 'custom-call' : 'call', choice, unit: newUnit('other', 0), index });
    if (this.#isOldForm) {
      if (index > 0) return role;
      return `${role}${choice.head}"function_call":{"name":${JSON.stringify(event.name)},"arguments":""}${this.#tail}`;
    }
    const call = {
      index,
      id: fitCallId(event.callId, GIVEN_ID_RULE),
      type: event.kind,
      [event.kind]: isCustom ? { name: event.name, input: '' } : { name: event.name, arguments: '' },
      ...(event.signature === undefined ? {} : withThoughtSignature(tagSignature(event.signature, DIALECT))),
    };
    return `${role}${choice.head}"tool_calls":[${JSON.stringify(call)}]${this.#tail}`;
  }

  #input({ choice, index, type }: Block, json: string): string {
    if (type !== 'call' && type !== 'custom-call') return '';
    if (this.#isOldForm) {
      return index > 0 ? '' : `${choice.head}"function_call":{"arguments":${JSON.stringify(json)}}${this.#tail}`;
    }
    const field = type === 'call' ? '"function":{"arguments":' : '"custom":{"input":';
    return `${choice.head}"tool_calls":[{"index":${index},${field}${JSON.stringify(json)}}}]${this.#tail}`;
  }

  #sign(id: number, signature: Signature): string {
    const block = this.#blocks.get(id);
    if (block === undefined) return '';
    const { choice, index, type } = block;
    if (type === 'call' || type === 'custom-call') {
      if (this.#isOldForm) return '';
      const signed = { index, ...withThoughtSignature(tagSignature(signature, DIALECT)) };
      return `${choice.head}"tool_calls":[${JSON.stringify(signed)}]${this.#tail}`;
    }
    if (block.unit !== undefined) block.unit.signature = signature;
    return '';
  }

  #endBlock({ block: id, extensions }: Extract<StreamEvent, { type: 'block-end' }>): string {
    const block = this.#blocks.get(id);
    if (block === undefined) return '';
    this.#blocks.delete(id);
    return this.#close(block, extensions === undefined ? {} : ownFieldsOf({ extensions }));
  }

  #close(block: Block, fields: JsonObject): string {
    const { choice, unit, type } = block;
    switch (type) {
      case 'text':
        if (unit !== undefined) unit.end = choice.textLength;
        this.#cite(block);
        return '';
      case 'thinking':
        if (unit !== undefined) unit.end = block.progress === -1 ? unit.start : choice.thinking.length;
        return '';
      case 'call':
        // Clients parse the arguments, and no text at all is no JSON.
        return block.progress === 0 ? this.#input(block, '{}') : '';
      case 'refusal':
        if (!Array.isArray(fields.logprobs)) return '';
        return `${choice.head}"refusal":""${this.#tailWith({ content: null, refusal: encodeLogprobs(fields.logprobs) })}`;
      case 'audio': {
        const { id: _, ...rest } = fields;
        return Object.keys(rest).length === 0 ? '' : `${choice.head}"audio":${JSON.stringify(rest)}${this.#tail}`;
      }
      default:
        return '';
    }
  }

  #cite({ citations, choice, unit }: Block): void {
    for (const citation of citations ?? []) {
      const annotation = encodeAnnotation(citation, { start: unit?.start ?? 0, end: choice.textLength });
      if (annotation === undefined) this.#context.report?.('citations', 'dropped');
      else choice.annotations.push(annotation);
    }
  }

  #endChoice(event: Extract<StreamEvent, { type: 'message-end' }>): string {
    const [role, choice] = this.#choiceOf(event);
    let text = role;
    for (const [id, block] of this.#blocks) {
      if (block.choice !== choice) continue;
      this.#blocks.delete(id);
      text += this.#close(block, {});
    }
    // Once and whole: several SDKs keep only the last list of a field.
    const carried = carriedOf(choice.units);
    if (carried.length > 0) {
      text += `${choice.head}"reasoning_details":${JSON.stringify(carried.map((entry) => encodeCarried(withThinking(entry, choice))))}${this.#tail}`;
    }
    if (choice.annotations.length > 0) {
      text += `${choice.head}"annotations":${JSON.stringify(choice.annotations)}${this.#tail}`;
    }
    choice.isEnded = true;
    return text + this.#finish(choice, event);
  }

  #finish(choice: Choice, event: Extract<StreamEvent, { type: 'message-end' }>): string {
    const { message: _, ...fields } = ownFieldsOf(event);
    const reason = this.#isOldForm && event.reason === 'tool-use' ? 'function_call' : mapStopReason(event.reason);
    const more = Object.keys(fields).length === 0 ? '' : `,${JSON.stringify(fields).slice(1, -1)}`;
    return `${choice.head}},"logprobs":null,"finish_reason":"${reason}"${more}}]${this.#end}`;
  }

  /** What only this dialect says of the answer while it goes on. */
  #extend(value: JsonObject): string {
    const once: Record<string, unknown> = {};
    let isRebased = false;
    for (const name in value) {
      if (isEverywhere(name)) {
        this.#everywhere = { ...this.#everywhere, [name]: value[name] };
        isRebased = true;
      } else once[name] = value[name];
    }
    if (isRebased) this.#rebase();
    if (Object.keys(once).length === 0) return '';
    return `data: {${this.#base}"choices":[],${JSON.stringify(once).slice(1, -1)}${this.#end}`;
  }

  #tailWith(logprobs: JsonObject): string {
    return `},"logprobs":${JSON.stringify(logprobs)},"finish_reason":null}]${this.#end}`;
  }
}

/** The SDK's reader keeps the last piece of the thinking alone, and a piece is not what was signed. */
const withThinking = (entry: CarriedSignature, { thinking }: Choice): CarriedSignature =>
  entry.kind === 'thinking' || entry.kind === 'summary'
    ? { ...entry, text: thinking.slice(entry.start, entry.end) }
    : entry;

const newUnit = (kind: MessageUnit['kind'], start: number, signature?: Signature): MessageUnit =>
  signature === undefined ? { kind, start, end: start } : { kind, start, end: start, signature };
