import { InvalidRequestError, type ItemListQuery, type JsonObject, type KeptResponse } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { MADE, suffixOf } from '../item/item-id.ts';
import { parseItems } from './item-text.ts';

const PREFIXES: ReadonlyMap<unknown, string> = new Map([
  ['message', 'msg'],
  ['reasoning', 'rs'],
  ['function_call', 'fc'],
  ['custom_tool_call', 'ctc'],
]);

/** Items of an input as the API lists them: each with an id and a type, texts as parts. */
export function namedItems(items: readonly JsonObject[], responseId: string): readonly JsonObject[] {
  return items.map((item, index) => {
    const type = item['type'] ?? 'message';
    const id = textOf(item['id']) ?? `${PREFIXES.get(type) ?? 'item'}_${MADE}${suffixOf(responseId)}_i${index}`;
    if (type !== 'message') return { ...item, id };
    const { content, role } = item;
    const partType = role === 'assistant' ? 'output_text' : 'input_text';
    const parts = typeof content === 'string' ? [{ type: partType, text: content }] : content;
    return { status: 'completed', ...item, id, type, content: parts };
  });
}

/** Throws InvalidRequestError when the page is to begin behind an item that is not in the list. */
export function renderItems(chain: readonly KeptResponse[], { limit, order, after }: ItemListQuery): JsonObject {
  const items = chain.flatMap(({ id, content }, index) => {
    if (content === undefined) return [];
    const sent = namedItems(parseItems(content.input), id);
    return index === chain.length - 1 ? sent : [...sent, ...parseItems(content.output)];
  });
  const ordered = order === 'asc' ? items : items.toReversed();
  const at = after === undefined ? -1 : ordered.findIndex(({ id }) => id === after);
  if (after !== undefined && at < 0) {
    throw new InvalidRequestError({
      code: 'item_not_found',
      message: `Item with id '${after.slice(0, 100)}' not found.`,
      field: 'after',
    });
  }
  const data = ordered.slice(at + 1, at + 1 + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: at + 1 + limit < ordered.length,
  };
}
