import type { BlockId, JsonObject } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { callIdOf, callRest, inputOf, isCustomCall } from '../item/item-fields.ts';
import { placed } from '../item/item-place.ts';
import { GrowingItem, missingOf } from './growing-item.ts';

/** A call: a block that begins as soon as its name is known. */
export class GrowingCall extends GrowingItem {
  #block: BlockId | undefined;
  /** What has been passed on, or waits for the name. */
  #input = '';

  get isSaid(): boolean {
    return this.#block !== undefined;
  }

  /** Nothing happens where the item has no name yet. */
  begin(item: JsonObject): void {
    const name = textOf(item['name']);
    if (name === undefined || this.#block !== undefined) return;
    const block = this.events.newBlock();
    const namespace = textOf(item['namespace']);
    this.#block = block;
    this.events.hasCall = true;
    this.events.push({
      type: 'tool-call-start',
      block,
      callId: callIdOf(item, this.index),
      name,
      kind: isCustomCall(item) ? 'custom' : 'function',
      ...(namespace === undefined ? {} : { namespace }),
      extensions: placed({ index: this.index, item: callRest(item) }),
    });
    if (this.#input !== '') this.events.push({ type: 'tool-input-delta', block, json: this.#input });
  }

  delta(json: string): void {
    if (json === '') return;
    this.#input += json;
    if (this.#block !== undefined) this.events.push({ type: 'tool-input-delta', block: this.#block, json });
  }

  inputDone(whole: string, name: unknown): void {
    this.begin({ ...this.added, type: this.type, name });
    if (this.#block !== undefined) this.delta(missingOf(this.#input, whole));
  }

  hydrate(item: JsonObject): void {
    if (this.#block !== undefined) this.delta(missingOf(this.#input, inputOf(item) || inputOf(this.added)));
  }

  close(item: JsonObject | undefined): void {
    this.isDone = true;
    if (this.#block === undefined) return;
    const extensions = item === undefined ? {} : { extensions: placed({ index: this.index, item: callRest(item) }) };
    this.events.push({ type: 'block-end', block: this.#block, ...extensions });
  }
}
