import type { BlockId, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { decodeAnnotation } from '../item/annotations.ts';
import { decodePart, partRest } from '../item/decode-part.ts';
import { messageRest } from '../item/item-fields.ts';
import { placed } from '../item/item-place.ts';
import { decodeLogprobs } from '../item/logprobs.ts';
import { GrowingItem, missingOf } from './growing-item.ts';

export type PartType = 'output_text' | 'refusal';

interface GrowingPart {
  readonly type: PartType;
  /** Absent until it had something to say. */
  block?: BlockId;
  /** What has been passed on. */
  text: string;
  annotationCount: number;
  hasLogprobs: boolean;
  isEnded: boolean;
  /** What else the finished part says. */
  rest?: JsonObject;
}

/** A message: each part is a block that begins when it has something to say and ends when the next one does. */
export class GrowingMessage extends GrowingItem {
  /** By `content_index`. */
  readonly #parts = new Map<number, GrowingPart>();

  get isSaid(): boolean {
    for (const part of this.#parts.values()) if (part.block !== undefined || part.isEnded) return true;
    return false;
  }

  addPart(index: number, type: PartType): void {
    this.#part(index, type);
  }

  delta(index: number, type: PartType, text: string, logprobs: unknown): void {
    this.#say(this.#part(index, type), text, logprobs);
  }

  cite(index: number, annotation: JsonObject): void {
    this.#cite(this.#part(index, 'output_text'), annotation);
  }

  /** A part that is done, or what one of its `done` events says of it. */
  partDone(index: number, done: JsonObject): void {
    const { type } = done;
    if (type === 'output_text' || type === 'refusal') this.#hydratePart(this.#part(index, type), done);
  }

  /** A message none of whose parts was said is passed on whole, by who knows how. */
  hydrate({ content }: JsonObject): void {
    if (!Array.isArray(content) || !this.isSaid) return;
    content.forEach((done: unknown, index) => {
      if (!isObject(done)) return;
      const known = this.#parts.get(index);
      if (known?.block !== undefined) this.#hydratePart(known, done);
      else this.#addWhole(index, done);
    });
  }

  close(item: JsonObject = this.added): void {
    this.isDone = true;
    for (const part of this.#parts.values()) this.#end(part, item);
  }

  #part(index: number, type: PartType): GrowingPart {
    const known = this.#parts.get(index);
    if (known !== undefined) return known;
    const part: GrowingPart = { type, text: '', annotationCount: 0, hasLogprobs: false, isEnded: false };
    this.#parts.set(index, part);
    return part;
  }

  #say(part: GrowingPart, text: string, logprobs: unknown): void {
    const decoded = Array.isArray(logprobs) && logprobs.length > 0 ? decodeLogprobs(logprobs) : undefined;
    if (part.isEnded || (text === '' && decoded === undefined)) return;
    const block = part.block ?? this.#begin(part);
    part.text += text;
    if (part.type === 'refusal') {
      this.events.push({ type: 'refusal-delta', block, text });
      return;
    }
    if (decoded === undefined) {
      this.events.push({ type: 'text-delta', block, text });
      return;
    }
    part.hasLogprobs = true;
    this.events.push({ type: 'text-delta', block, text, logprobs: decoded });
  }

  #begin(part: GrowingPart): BlockId {
    for (const other of this.#parts.values()) this.#end(other, this.added);
    const block = this.events.newBlock();
    part.block = block;
    const extensions = placed({ index: this.index, item: messageRest(this.added) });
    if (part.type === 'refusal') {
      this.events.hasRefusal = true;
      this.events.push({ type: 'refusal-start', block, extensions });
    } else this.events.push({ type: 'text-start', block, extensions });
    return block;
  }

  #end(part: GrowingPart, item: JsonObject): void {
    if (part.block === undefined || part.isEnded) return;
    part.isEnded = true;
    const place = { index: this.index, item: messageRest(item) };
    this.events.push({
      type: 'block-end',
      block: part.block,
      extensions: placed(part.rest === undefined ? place : { ...place, part: part.rest }),
    });
  }

  #hydratePart(part: GrowingPart, done: JsonObject): void {
    if (done['type'] !== part.type) return;
    const whole = part.type === 'refusal' ? done['refusal'] : done['text'];
    if (typeof whole === 'string') {
      this.#say(part, missingOf(part.text, whole), part.hasLogprobs ? undefined : done['logprobs']);
    }
    const { annotations } = done;
    if (Array.isArray(annotations)) {
      for (const annotation of annotations.slice(part.annotationCount)) this.#cite(part, annotation);
    }
    const rest = partRest(done);
    if (rest !== undefined) part.rest = rest;
  }

  #cite(part: GrowingPart, annotation: unknown): void {
    if (!isObject(annotation) || part.isEnded || part.type !== 'output_text') return;
    const block = part.block ?? this.#begin(part);
    part.annotationCount++;
    this.events.push({ type: 'citation', block, citation: decodeAnnotation(annotation) });
  }

  /** A part that no event spoke of, in a message that others did. */
  #addWhole(index: number, done: JsonObject): void {
    if (this.#parts.get(index)?.isEnded === true) return;
    for (const other of this.#parts.values()) this.#end(other, this.added);
    this.events.pushBlock(decodePart(done, { index: this.index, item: messageRest(this.added) }));
    const type = done['type'] === 'refusal' ? 'refusal' : 'output_text';
    this.#parts.set(index, { type, text: '', annotationCount: 0, hasLogprobs: true, isEnded: true });
  }
}
