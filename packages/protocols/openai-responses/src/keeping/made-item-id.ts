import { SIGNATURE_TAG } from '@proxycast/conversion';
import { isMadeId, RESPONSE_PREFIX } from '../item/item-id.ts';

/** Ids of the service's own tools carry a tag in front: see `itemIdOf`. */
const PLACE = new RegExp(`^[a-z]+_pc_(?:${SIGNATURE_TAG}_)?(.{1,200})_i?\\d{1,6}$`);

/** The answer an item's id was made from; `undefined` for ids of services, which say nothing of it. */
export function answerOfItem(itemId: string): string | undefined {
  if (!isMadeId(itemId)) return undefined;
  const suffix = PLACE.exec(itemId)?.[1];
  return suffix === undefined ? undefined : RESPONSE_PREFIX + suffix;
}
