import type { BlockId, JsonObject, ServerToolCallBlock } from '@proxycast/spec';
import { decodeServerResult, serverInputOf } from '../item/decode-server-item.ts';
import { placed } from '../item/item-place.ts';
import { GrowingItem } from './growing-item.ts';

/** A call of one of the service's own tools: what it was asked, and its result, are known when it is done. */
export class GrowingServerTool extends GrowingItem {
  #block: BlockId | undefined;

  get isSaid(): boolean {
    return this.#block !== undefined;
  }

  begin({ callId, tool, name, extensions }: ServerToolCallBlock): void {
    this.#block = this.events.newBlock();
    this.events.push({
      type: 'server-tool-start',
      block: this.#block,
      callId,
      tool,
      name,
      ...(extensions === undefined ? {} : { extensions }),
    });
  }

  hydrate(item: JsonObject): void {
    const json = serverInputOf(item);
    if (this.#block !== undefined && json !== '') {
      this.events.push({ type: 'server-tool-input-delta', block: this.#block, json });
    }
  }

  close(item: JsonObject | undefined): void {
    this.isDone = true;
    if (this.#block === undefined) return;
    if (item === undefined) {
      this.events.push({ type: 'block-end', block: this.#block });
      return;
    }
    this.events.push({ type: 'block-end', block: this.#block, extensions: placed({ index: this.index, item }) });
    const result = decodeServerResult(item, this.index);
    if (result !== undefined) this.events.pushBlock(result);
  }
}
