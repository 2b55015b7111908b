import type { KeptContent } from '@proxycast/spec';
import { isObject, parseJson } from '@proxycast/wire';
import { isMadeId } from '../item/item-id.ts';
import { namedItems } from './input-items.ts';
import { parseItems } from './item-text.ts';
import { referenceOf } from './read-wish.ts';
import { replayItem } from './replay.ts';

const MAX_ID_CHARACTERS = 200;

/** A text is the user's one message. A list is taken as it is written: nothing of it is parsed. */
export function itemsOfInput(input: string): string {
  const text = input.trim();
  if (text.startsWith('"')) return `{"type":"message","role":"user","content":${text}}`;
  return text.startsWith('[') ? text.slice(1, -1).trim() : '';
}

/** Items that `find` does not know stay as they are. */
export function resolveReferences(items: string, find: (itemId: string) => string | undefined): string {
  const parsed = parseJson(`[${items}]`);
  if (!Array.isArray(parsed)) return items;
  return parsed
    .map((item: unknown) => {
      const id = referenceOf(item);
      return (id === undefined ? undefined : find(id)) ?? JSON.stringify(item);
    })
    .join(',');
}

/** Ids that were not made here, and are short enough to be ids. */
export function serviceItemIds({ output }: KeptContent): readonly string[] {
  return parseItems(output).flatMap(({ id }) =>
    typeof id === 'string' && id.length <= MAX_ID_CHARACTERS && !isMadeId(id) ? [id] : [],
  );
}

/** An item of an answer, or of what it was made from, by the id that its client was shown. */
export function findItem({ response, input, output }: KeptContent, itemId: string, origin: string): string | undefined {
  const made = parseItems(output).find(({ id }) => id === itemId);
  if (made !== undefined) return JSON.stringify(replayItem(made, origin));
  const responseId = parseJson(response);
  const id = isObject(responseId) ? String(responseId['id']) : '';
  const sent = namedItems(parseItems(input), id).find((item) => item['id'] === itemId);
  return sent === undefined ? undefined : JSON.stringify(replayItem(sent, ''));
}
