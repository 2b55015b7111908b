import { hashText } from '@proxycast/conversion';
import type { JsonObject, Signature, StreamEvent } from '@proxycast/spec';
import { isObject, parseObject, textOf } from '@proxycast/wire';
import { ownExtensions } from './dialect.ts';
import { thoughtSignatureOf } from './thought-signature.ts';

/** Gives each block of an answer its id, over all choices. */
export interface BlockIds {
  next: number;
}

interface Call {
  /** The service's number, by which later pieces name it; absent where it gives none. */
  readonly index: number | undefined;
  readonly id: string;
  readonly kind: 'function' | 'custom';
  /** Empty until it has come. */
  name: string;
  /** -1 until the call has a name and its block has begun. */
  block: number;
  /** The input as far as it has come. */
  input: string;
  signature?: Signature;
  isEnded: boolean;
}

export interface CallParts {
  readonly choice: number;
  readonly blocks: BlockIds;
  readonly origin: string;
  /** The id of the answer, from which ids are made for calls that have none. */
  readonly answerId: string;
}

/**
 * The calls of one choice while their pieces come, whatever a service does with them: no number, the same number for
 * another call, no id, an empty id, a call whole in one piece, an input as an object.
 */
export class CallTracker {
  readonly #parts: CallParts;
  readonly #calls: Call[] = [];

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  push(pieces: readonly unknown[], events: StreamEvent[]): void {
    for (const piece of pieces) if (isObject(piece)) this.#add(piece, events);
  }

  /** The form before `tool_calls`: one call, without an id. */
  pushFunction(piece: JsonObject, events: StreamEvent[]): void {
    // Snowflake sends an empty one with every answer.
    if (this.#calls.length === 0 && textOf(piece.name) === undefined) return;
    const last = this.#calls.at(-1);
    const name = textOf(piece.name);
    const call = last === undefined || (name !== undefined && last.name !== '') ? this.#create({}, 'function') : last;
    this.#extend(call, piece, events, { function_call: true });
  }

  /** Ends the calls whose input is whole: what else comes belongs to another. */
  endWhole(events: StreamEvent[]): void {
    for (const call of this.#calls) if (!call.isEnded && isWhole(call)) this.#end(call, events);
  }

  endAll(events: StreamEvent[]): void {
    for (const call of this.#calls) {
      if (call.isEnded) continue;
      // A call that never got a name was one all the same.
      if (call.block < 0 && call.input !== '') this.#begin(call, events, undefined);
      this.#end(call, events);
    }
  }

  #add(piece: JsonObject, events: StreamEvent[]): void {
    const kind = kindOf(piece);
    const held = piece[kind];
    const called = isObject(held) ? held : {};
    const call = this.#find(piece, textOf(called.name), called) ?? this.#create(piece, kind);
    const signature = thoughtSignatureOf(piece);
    if (signature !== undefined) this.#sign(call, { origin: this.#parts.origin, value: signature }, events);
    this.#extend(call, called, events, undefined);
  }

  /** The call a piece goes on with; `undefined` when it begins one. */
  #find(piece: JsonObject, name: string | undefined, called: JsonObject): Call | undefined {
    const id = textOf(piece.id);
    if (typeof piece.index === 'number') {
      const { index } = piece;
      const call = this.#calls.findLast((known) => known.index === index);
      return call === undefined || this.#isOther(call, id, name) ? undefined : call;
    }
    if (id !== undefined) return this.#calls.findLast((known) => known.id === id);
    const last = this.#calls.at(-1);
    const isNext = name !== undefined && last !== undefined && last.name !== '';
    // A name alone begins a call, unless it only repeats the name of one that has no input yet.
    if (isNext && (last.name !== name || last.input !== '' || isObject(called.arguments))) return undefined;
    return last;
  }

  /** Some services number every call 0: another id with a name is another call. */
  #isOther(call: Call, id: string | undefined, name: string | undefined): boolean {
    if (name === undefined || call.name === '') return false;
    if (id !== undefined) return id !== call.id && call.id !== this.#madeIdOf(this.#calls.indexOf(call));
    return name !== call.name && isWhole(call);
  }

  #create({ id, index }: JsonObject, kind: 'function' | 'custom'): Call {
    // What went before is whole then, but for services that let calls overlap.
    const call: Call = {
      index: typeof index === 'number' ? index : undefined,
      id: textOf(id) ?? this.#madeIdOf(this.#calls.length),
      kind,
      name: '',
      block: -1,
      input: '',
      isEnded: false,
    };
    this.#calls.push(call);
    return call;
  }

  #madeIdOf(place: number): string {
    const { answerId, choice } = this.#parts;
    return `call_${hashText(`${answerId}\n${choice}\n${place}`, 24)}`;
  }

  #extend(call: Call, called: JsonObject, events: StreamEvent[], form: JsonObject | undefined): void {
    const name = textOf(called.name);
    if (call.name === '' && name !== undefined) {
      call.name = name;
      this.#begin(call, events, form);
    }
    const input = called[call.kind === 'custom' ? 'input' : 'arguments'];
    const text = typeof input === 'string' ? input : isObject(input) ? JSON.stringify(input) : '';
    if (text === '' || call.isEnded) return;
    call.input += text;
    if (call.block >= 0) events.push({ type: 'tool-input-delta', block: call.block, json: text });
  }

  #begin(call: Call, events: StreamEvent[], form: JsonObject | undefined): void {
    for (const other of this.#calls) {
      if (other !== call && !other.isEnded && isWhole(other)) this.#end(other, events);
    }
    const { choice, blocks } = this.#parts;
    call.block = blocks.next++;
    events.push({
      type: 'tool-call-start',
      block: call.block,
      ...(choice === 0 ? {} : { choice }),
      callId: call.id,
      name: call.name === '' ? 'unknown' : call.name,
      kind: call.kind,
      ...(call.signature === undefined ? {} : { signature: call.signature }),
      ...(form === undefined ? {} : ownExtensions(form)),
    });
    if (call.input !== '') events.push({ type: 'tool-input-delta', block: call.block, json: call.input });
  }

  #sign(call: Call, signature: Signature, events: StreamEvent[]): void {
    call.signature = signature;
    if (call.block >= 0 && !call.isEnded) events.push({ type: 'signature', block: call.block, signature });
  }

  #end(call: Call, events: StreamEvent[]): void {
    call.isEnded = true;
    if (call.block >= 0) events.push({ type: 'block-end', block: call.block });
  }
}

/** Whether nothing more can belong to it: its input is a JSON object. */
const isWhole = ({ input, kind }: Call): boolean =>
  kind === 'function' && input.trimEnd().endsWith('}') && parseObject(input) !== undefined;

/** By the type where there is one: Snowflake sends both forms, one of them empty. */
function kindOf({ type, function: called, custom }: JsonObject): 'function' | 'custom' {
  if (type === 'custom' || type === 'function') return type;
  return isObject(custom) && !isObject(called) ? 'custom' : 'function';
}
