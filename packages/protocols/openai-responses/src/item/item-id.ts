import { SIGNATURE_TAG } from '@proxycast/conversion';
import type { AnswerItem } from '../answer/answer-item.ts';

/** The API checks the prefixes of ids, and clients send them back. */
const PREFIXES: Readonly<Record<AnswerItem['type'], string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
  image_generation_call: 'ig',
  web_search_call: 'ws',
  code_interpreter_call: 'ci',
  mcp_call: 'mcp',
  whole: 'item',
};

/** Behind the prefix of an id that was made here: the service has never heard of it. */
export const MADE = 'pc_';

/** Items that the service itself has to know again when they come back. */
const KNOWN_BY_ID: ReadonlySet<AnswerItem['type']> = new Set([
  'image_generation_call',
  'web_search_call',
  'code_interpreter_call',
  'mcp_call',
]);

/**
 * The same for the same answer, whenever it is made. Where the service would look for the item, the id carries the tag by
 * which a body is found that must not go there as it is.
 */
export const itemIdOf = (type: AnswerItem['type'], responseId: string, outputIndex: number): string =>
  `${PREFIXES[type]}_${MADE}${KNOWN_BY_ID.has(type) ? `${SIGNATURE_TAG}_` : ''}${suffixOf(responseId)}_${outputIndex}`;

export const isMadeId = (id: string): boolean => id.startsWith(MADE, id.indexOf('_') + 1);

/** Whether the service could know the id: it has the form of the API's own ids of that type, and was not made here. */
export function isServiceId(id: string, type: AnswerItem['type']): boolean {
  return id.startsWith(PREFIXES[type]) && !isMadeId(id);
}

export const RESPONSE_PREFIX = 'resp_';

/** Ids of other dialects' answers as ids of responses, from the same suffix. */
export function responseIdOf(id: string): string {
  if (id.startsWith(RESPONSE_PREFIX)) return id;
  for (const prefix of FOREIGN_PREFIXES) {
    if (id.startsWith(prefix) && id.length > prefix.length) return RESPONSE_PREFIX + id.slice(prefix.length);
  }
  return RESPONSE_PREFIX + id;
}

const FOREIGN_PREFIXES = ['chatcmpl-', 'msg_'];

export const suffixOf = (responseId: string): string =>
  responseId.startsWith(RESPONSE_PREFIX) ? responseId.slice(RESPONSE_PREFIX.length) : responseId;
