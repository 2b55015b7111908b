import {
  type BlockId,
  type ChatBlock,
  type DecodeAnswerContext,
  type Frame,
  InvalidRequestError,
  type StreamDecoder,
  type StreamEvent,
  UpstreamError,
} from '@proxycast/spec';
import { errorFieldsOf, isObject, type JsonObject, parseJson, textOf } from '@proxycast/wire';
import { endFieldsOf, endFieldsOfDelta, startFieldsOf } from './answer-fields.ts';
import { decodeEnd } from './decode-answer.ts';
import { decodeAnswerBlock } from './decode-answer-block.ts';
import { decodeCitation } from './decode-citation.ts';
import { asUpstreamError } from './decode-error.ts';
import { decodeUsage } from './decode-usage.ts';
import { asExtensions, DIALECT } from './dialect.ts';

/** Reads the frames of one stream. Tolerates what is late, doubled, out of order or unknown; an end without `message_stop` is a cut. */
export function createStreamDecoder(context: DecodeAnswerContext): StreamDecoder {
  return new MessageDecoder(context);
}

/** A block between its start and its stop. */
interface OpenBlock {
  readonly type: ChatBlock['type'];
  readonly id: BlockId;
  /** The input its start had: it counts if no piece of one follows. */
  input: string;
  /** A block only this dialect knows, until it is whole. */
  value?: Record<string, unknown>;
}

class MessageDecoder implements StreamDecoder {
  readonly #context: DecodeAnswerContext;
  #answerId: string;
  readonly #open = new Map<number, OpenBlock>();
  /** The block the last delta was for: nearly always that of the next one. */
  #current: OpenBlock | undefined;
  #currentIndex = -1;
  #nextBlock: BlockId = 0;
  #hasStarted = false;
  #isOver = false;
  #usage: JsonObject = {};
  #stopReason: unknown;
  #stopSequence: unknown;
  #endFields: JsonObject = {};
  #out: StreamEvent[] = [];

  constructor(context: DecodeAnswerContext) {
    this.#context = context;
    this.#answerId = context.fallbackId;
  }

  push(frames: readonly Frame[]): readonly StreamEvent[] {
    this.#out = [];
    for (const frame of frames) {
      if (this.#isOver) break;
      this.#readFrame(frame);
    }
    return this.#out;
  }

  end(): readonly StreamEvent[] {
    this.#out = [];
    if (!this.#isOver) {
      this.#fail(
        new UpstreamError({
          code: 'upstream_cut',
          message: 'The upstream closed the connection before its answer was complete. Send the request again.',
        }),
      );
    }
    return this.#out;
  }

  #readFrame({ event: name, data }: Frame): void {
    // Some compatible servers end their streams as OpenAI's do.
    if (data === '' || data === '[DONE]') return;
    const value = parseJson(data);
    if (!isObject(value)) {
      this.#fail(
        new UpstreamError({
          code: 'upstream_invalid_frame',
          message: 'The upstream sent a piece of its stream that cannot be read. Send the request again.',
        }),
      );
      return;
    }
    this.#readEvent(typeof value.type === 'string' ? value.type : name, value);
  }

  #readEvent(type: string | undefined, value: JsonObject): void {
    switch (type) {
      case 'content_block_delta':
        this.#readDelta(indexOf(value), value.delta);
        return;
      case 'content_block_start':
        this.#startBlock(indexOf(value), value.content_block);
        return;
      case 'content_block_stop':
        this.#stopBlock(indexOf(value));
        return;
      case 'ping':
        this.#out.push({ type: 'ping' });
        return;
      case 'message_start':
        this.#startMessage(isObject(value.message) ? value.message : {});
        return;
      case 'message_delta':
        this.#readMessageDelta(value);
        return;
      case 'message_stop':
        this.#endMessage();
        return;
      default:
        if (type === 'error' || isObject(value.error)) this.#fail(errorOf(value));
        else if (this.#hasStarted && type !== undefined) {
          this.#out.push({ type: 'extension', protocol: DIALECT, value });
        }
    }
  }

  #startMessage(message: JsonObject): void {
    if (!this.#hasStarted) {
      this.#answerId = textOf(message.id) ?? this.#context.fallbackId;
      this.#announce(textOf(message.model) ?? this.#context.model, startFieldsOf(message));
    }
    this.#endFields = { ...this.#endFields, ...endFieldsOf(message) };
    this.#readUsage(message.usage);
    // An answer that a tool's program went on with can be whole here: nothing but the stop follows.
    if (Array.isArray(message.content)) {
      message.content.forEach((block: unknown, index) => {
        this.#startBlock(index, block);
        this.#stopBlock(index);
      });
    }
    this.#readStop(message);
  }

  #announce(model: string, fields: JsonObject): void {
    this.#hasStarted = true;
    this.#out.push({ type: 'message-start', id: this.#answerId, model, ...asExtensions(fields) });
  }

  #startBlock(index: number, content: unknown): void {
    if (!this.#hasStarted) this.#announce(this.#context.model, {});
    if (this.#open.has(index)) this.#stopBlock(index);
    let block: ChatBlock;
    try {
      block = decodeAnswerBlock(content, { answerId: this.#answerId, index }, this.#context);
    } catch (cause) {
      if (!(cause instanceof InvalidRequestError)) throw cause;
      // No block, or one without a type: what follows for it is read by its deltas.
      return;
    }
    this.#begin(index, block);
  }

  #begin(index: number, block: ChatBlock): void {
    const { type, extensions } = block;
    // A block that others cannot read is held until it is whole, and takes its number then.
    const isHeld = type === 'opaque';
    const open: OpenBlock = { type, id: isHeld ? -1 : this.#nextBlock++, input: '' };
    this.#open.set(index, open);
    this.#current = open;
    this.#currentIndex = index;
    const start = { block: open.id, ...(extensions === undefined ? {} : { extensions }) };
    switch (type) {
      case 'text':
        this.#out.push({ type: 'text-start', ...start });
        if (block.text !== '') this.#out.push({ type: 'text-delta', block: open.id, text: block.text });
        for (const citation of block.citations ?? []) this.#out.push({ type: 'citation', block: open.id, citation });
        return;
      case 'thinking':
        this.#out.push({ type: 'thinking-start', kind: block.kind, ...start });
        for (const text of block.parts) this.#out.push({ type: 'thinking-delta', block: open.id, text });
        if (block.signature !== undefined) {
          this.#out.push({ type: 'signature', block: open.id, signature: block.signature });
        }
        return;
      case 'redacted-thinking':
        this.#out.push({ type, signature: block.signature, ...start });
        return;
      case 'tool-call': {
        const { callId, name, kind } = block;
        open.input = initialInput(block.input);
        this.#out.push({ type: 'tool-call-start', callId, name, kind, ...start });
        return;
      }
      case 'server-tool-call': {
        const { callId, tool, name } = block;
        open.input = initialInput(block.input);
        this.#out.push({ type: 'server-tool-start', callId, tool, name, ...start });
        return;
      }
      case 'server-tool-result': {
        const { callId, tool, isError, sources, text } = block;
        this.#out.push({
          type,
          callId,
          tool,
          ...(isError === undefined ? {} : { isError }),
          ...(sources === undefined ? {} : { sources }),
          ...(text === undefined ? {} : { text }),
          ...start,
        });
        return;
      }
      case 'opaque':
        open.value = { ...block.value };
        return;
      default:
        // Blocks of requests, which no answer has: they take no number.
        this.#nextBlock--;
        this.#open.delete(index);
        this.#current = undefined;
        this.#currentIndex = -1;
    }
  }

  #readDelta(index: number, delta: unknown): void {
    if (!isObject(delta)) return;
    const open = index === this.#currentIndex ? this.#current : this.#open.get(index);
    switch (delta.type) {
      case 'text_delta':
        if (typeof delta.text === 'string' && delta.text !== '') {
          this.#out.push({ type: 'text-delta', block: this.#idFor('text', index, open), text: delta.text });
        }
        return;
      case 'thinking_delta':
        if (typeof delta.thinking === 'string' && delta.thinking !== '') {
          const block = this.#idFor('thinking', index, open);
          this.#out.push({ type: 'thinking-delta', block, text: delta.thinking });
        }
        return;
      case 'input_json_delta':
        if (typeof delta.partial_json === 'string' && delta.partial_json !== '')
          this.#readInput(open, delta.partial_json);
        return;
      case 'signature_delta':
        if (open?.type === 'thinking' && typeof delta.signature === 'string' && delta.signature !== '') {
          const signature = { origin: this.#context.origin, value: delta.signature };
          this.#out.push({ type: 'signature', block: open.id, signature });
        }
        return;
      case 'citations_delta': {
        const citation = decodeCitation(delta.citation);
        if (citation !== undefined && open?.type === 'text')
          this.#out.push({ type: 'citation', block: open.id, citation });
        return;
      }
      default:
        if (open?.value !== undefined) addTo(open.value, delta);
    }
  }

  /** The block a text belongs to; one of its own where no block, or another kind of block, has begun under its index. */
  #idFor(type: 'text' | 'thinking', index: number, open: OpenBlock | undefined): BlockId {
    if (open?.type === type) return open.id;
    this.#startBlock(index, type === 'text' ? { type, text: '' } : { type, thinking: '' });
    return this.#current?.id ?? 0;
  }

  #readInput(open: OpenBlock | undefined, json: string): void {
    if (open?.type === 'tool-call') this.#out.push({ type: 'tool-input-delta', block: open.id, json });
    else if (open?.type === 'server-tool-call')
      this.#out.push({ type: 'server-tool-input-delta', block: open.id, json });
    else return;
    open.input = '';
  }

  #stopBlock(index: number): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    if (this.#currentIndex === index) {
      this.#current = undefined;
      this.#currentIndex = -1;
    }
    if (open.input !== '') this.#readInput(open, open.input);
    if (open.value === undefined) {
      this.#out.push({ type: 'block-end', block: open.id });
      return;
    }
    const block = this.#nextBlock++;
    this.#out.push({ type: 'opaque', protocol: DIALECT, value: open.value, block }, { type: 'block-end', block });
  }

  #readMessageDelta(event: JsonObject): void {
    if (!this.#hasStarted) this.#announce(this.#context.model, {});
    const delta = isObject(event.delta) ? event.delta : {};
    this.#endFields = { ...this.#endFields, ...endFieldsOfDelta(event, delta) };
    this.#readStop(delta);
    this.#readUsage(event.usage);
  }

  #readStop({ stop_reason: reason, stop_sequence: sequence }: JsonObject): void {
    if (reason !== undefined && reason !== null) this.#stopReason = reason;
    if (sequence !== undefined && sequence !== null) this.#stopSequence = sequence;
  }

  /** Counters are of the whole message so far: a later one replaces the earlier. */
  #readUsage(usage: unknown): void {
    if (!isObject(usage)) return;
    const merged: Record<string, unknown> = { ...this.#usage };
    for (const name in usage) if (usage[name] !== null || !(name in merged)) merged[name] = usage[name];
    this.#usage = merged;
    this.#out.push({ type: 'usage', usage: decodeUsage(merged) });
  }

  #endMessage(): void {
    if (!this.#hasStarted) this.#announce(this.#context.model, {});
    for (const index of [...this.#open.keys()]) this.#stopBlock(index);
    this.#out.push({ type: 'message-end', ...decodeEnd(this.#stopReason, this.#stopSequence, this.#endFields) });
    this.#isOver = true;
  }

  #fail(error: UpstreamError): void {
    for (const [index, { value }] of [...this.#open]) {
      // Half of a block that nobody but this dialect can read is of no use.
      if (value === undefined) this.#stopBlock(index);
    }
    this.#out.push({ type: 'error', error });
    this.#isOver = true;
  }
}

const indexOf = ({ index }: JsonObject): number => (typeof index === 'number' ? index : -1);

/** The input at the start of a call: `{}`, or all of it when a program of the service's made the call. */
function initialInput(input: JsonObject | string): string {
  if (typeof input === 'string') return input;
  for (const _ in input) return JSON.stringify(input);
  return '';
}

/** A piece of a block only this dialect knows: texts are put together, everything else replaces what was there. */
function addTo(block: Record<string, unknown>, delta: JsonObject): void {
  for (const name in delta) {
    if (name === 'type') continue;
    const piece = delta[name];
    const before = block[name];
    block[name] = typeof piece === 'string' && typeof before === 'string' ? before + piece : piece;
  }
}

function errorOf(value: JsonObject): UpstreamError {
  const fields = errorFieldsOf(value);
  if (fields !== undefined) return asUpstreamError(fields);
  return new UpstreamError({
    code: 'api_error',
    message: 'The upstream failed while it answered. Send the request again.',
  });
}
