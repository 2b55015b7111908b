import type { Extensions, JsonObject } from '@proxycast/spec';
import { countOf, isObject } from '@proxycast/wire';
import { DIALECT, ownFields } from '../own-fields.ts';

/**
 * Where a block stood in a list of items. One item can be several blocks, so its index is what holds them together;
 * ids would not do, since some services leave them out and others change them from event to event.
 */
export interface ItemPlace {
  readonly index?: number;
  /** What else the item says; the whole item where it has a `type`. */
  readonly item?: JsonObject;
  /** What else the part of a message says; an empty object marks a part that only this dialect knows. */
  readonly part?: JsonObject;
}

const NOWHERE: ItemPlace = {};

export function placeOf(extensions: Extensions | undefined): ItemPlace {
  const own = ownFields(extensions);
  if (own === undefined) return NOWHERE;
  const index = countOf(own['index']);
  const { item, part } = own;
  return {
    ...(index === undefined ? {} : { index }),
    ...(isObject(item) ? { item } : {}),
    ...(isObject(part) ? { part } : {}),
  };
}

export const placed = (place: ItemPlace): Extensions => ({ [DIALECT]: { ...place } });
