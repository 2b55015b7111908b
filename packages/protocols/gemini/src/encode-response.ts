import type { JsonObject } from '@proxycast/spec';
import { parseObject } from '@proxycast/wire';

/** A number that loses digits when it is parsed: ids of databases and chats are such. */
const LONG_NUMBER = /[:[,]\s*-?\d{16}/;

/** The text of a result as the object the dialect wants: an object's text is that object. */
export function encodeResponse(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  const object = isObjectText(text) ? parseObject(text) : undefined;
  return object ?? { result: text };
}

/** Whether the text may be given as the object it is, without a loss. */
export const isObjectText = (text: string): boolean => text.trimStart().startsWith('{') && !LONG_NUMBER.test(text);
