import { GrowingItem } from './growing-item.ts';

/** An item of which there is nothing to say before it is done. */
export class GrowingOther extends GrowingItem {
  readonly isSaid = false;

  hydrate(): void {}

  close(): void {
    this.isDone = true;
  }
}
