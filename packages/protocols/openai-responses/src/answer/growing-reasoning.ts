import type { BlockId, JsonObject } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { reasoningRest } from '../item/item-fields.ts';
import { placed } from '../item/item-place.ts';
import { GrowingItem, missingOf } from './growing-item.ts';

/** The raw text of open models, or a summary. */
export type ThinkingKind = 'full' | 'summary';

interface GrowingThinking {
  readonly kind: ThinkingKind;
  readonly block: BlockId;
  /** What has been passed on, by the part's index. */
  readonly texts: Map<number, string>;
  isEnded: boolean;
}

/** A reasoning item: its raw text and its summary are a block each, signed at the end by what the finished item says. */
export class GrowingReasoning extends GrowingItem {
  /** In the order they began. */
  readonly #thinking: GrowingThinking[] = [];

  get isSaid(): boolean {
    return this.#thinking.length > 0;
  }

  delta(kind: ThinkingKind, part: number, text: string): void {
    if (text === '') return;
    const thinking = this.#known(kind) ?? this.#begin(kind);
    if (thinking.isEnded) return;
    thinking.texts.set(part, (thinking.texts.get(part) ?? '') + text);
    this.events.push({ type: 'thinking-delta', block: thinking.block, text, part });
  }

  partDone(kind: ThinkingKind, part: number, whole: string): void {
    this.delta(kind, part, missingOf(this.#known(kind)?.texts.get(part) ?? '', whole));
  }

  hydrate({ content, summary }: JsonObject): void {
    this.#hydrateTexts('full', content);
    this.#hydrateTexts('summary', summary);
  }

  close(item: JsonObject = this.added): void {
    const last = this.#thinking[this.#thinking.length - 1];
    const encrypted = item === this.added ? undefined : textOf(item['encrypted_content']);
    if (last !== undefined && !last.isEnded && encrypted !== undefined) {
      this.events.push({ type: 'signature', block: last.block, signature: this.events.sign(encrypted) });
    }
    this.isDone = true;
    for (const thinking of this.#thinking) this.#end(thinking, item);
  }

  #known(kind: ThinkingKind): GrowingThinking | undefined {
    return this.#thinking.find((thinking) => thinking.kind === kind);
  }

  #begin(kind: ThinkingKind): GrowingThinking {
    for (const other of this.#thinking) this.#end(other, this.added);
    const thinking: GrowingThinking = { kind, block: this.events.newBlock(), texts: new Map(), isEnded: false };
    this.#thinking.push(thinking);
    const extensions = placed({ index: this.index, item: reasoningRest(this.added) });
    this.events.push({ type: 'thinking-start', block: thinking.block, kind, extensions });
    return thinking;
  }

  #end(thinking: GrowingThinking, item: JsonObject): void {
    if (thinking.isEnded) return;
    thinking.isEnded = true;
    const extensions = placed({ index: this.index, item: reasoningRest(item) });
    this.events.push({ type: 'block-end', block: thinking.block, extensions });
  }

  #hydrateTexts(kind: ThinkingKind, list: unknown): void {
    if (!Array.isArray(list)) return;
    list.forEach((part: unknown, index) => {
      const text = isObject(part) ? part['text'] : undefined;
      if (typeof text === 'string') this.partDone(kind, index, text);
    });
  }
}
