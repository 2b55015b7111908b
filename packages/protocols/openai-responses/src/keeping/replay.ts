import { SIGNATURE_TAG, tagSignature } from '@proxycast/conversion';
import type { JsonObject, KeptContent } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { DIALECT } from '../own-fields.ts';
import { joinItems, parseItems } from './item-text.ts';

/** Items that nothing refers to by their ids: the service they may go to next has never heard of those. */
const WITHOUT_ID: ReadonlySet<unknown> = new Set(['message', 'reasoning', 'function_call', 'custom_tool_call']);

/**
 * The input as the client sent it, behind it the answer. What the service encrypted for itself is bound to it: bare, every
 * service of this dialect would be given it.
 */
export function replay({ input, output }: KeptContent, origin: string): string {
  const answer = joinItems(parseItems(output).map((item) => replayItem(item, origin)));
  return input === '' || answer === '' ? input + answer : `${input},${answer}`;
}

/** An item of an answer as it stands in a later request. */
export function replayItem(item: JsonObject, origin: string): JsonObject {
  return origin.startsWith(`${DIALECT}:`) ? bound(plain(item), origin) : plain(item);
}

function plain(item: JsonObject): JsonObject {
  if (!WITHOUT_ID.has(item['type'])) return item;
  const { id: _, ...rest } = item;
  return rest;
}

function bound(item: JsonObject, origin: string): JsonObject {
  const encrypted = textOf(item['encrypted_content']);
  if (item['type'] !== 'reasoning' || encrypted === undefined || encrypted.startsWith(SIGNATURE_TAG)) return item;
  // No dialect's own: it is tagged whatever its origin.
  return { ...item, encrypted_content: tagSignature({ origin, value: encrypted }, '') };
}
