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

/** The same for the same answer, whenever it is made. */
export const itemIdOf = (type: AnswerItem['type'], responseId: string, outputIndex: number): string =>
  `${PREFIXES[type]}_${MADE}${suffixOf(responseId)}_${outputIndex}`;

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
