import type { AnswerExcerpt, JsonObject } from '@proxycast/spec';
import { isObject, parseObject, readSseFrames, textOf } from '@proxycast/wire';

const ID_IN_RESPONSE = /"response"\s*:\s*\{\s*"id"\s*:\s*"([^"\\]{1,200})"/;
const ID_OF_API = /"id"\s*:\s*"(resp_[^"\\]{1,200})"/;
const REFUSED = /"store"\s*:\s*false/;

/** As far as ids of services go: what could not be sent back in a path is none. */
const RESPONSE_ID = /^[\x21-\x7e]{1,200}$/;

export const responseIdIn = (response: JsonObject | undefined): string | undefined => {
  const id = textOf(response?.['id']);
  return id !== undefined && RESPONSE_ID.test(id) ? id : undefined;
};

/** What the first event says, or the whole answer; where that is too large to be there whole, what can be seen of it. */
export function readPassed({
  framing,
  head,
  tail,
  isWhole,
}: AnswerExcerpt): { readonly id: string; readonly isKept: boolean } | undefined {
  const response = framing === 'sse' ? firstResponse(head) : isWhole ? parseObject(head) : undefined;
  const id = responseIdIn(response) ?? ID_IN_RESPONSE.exec(head)?.[1] ?? ID_OF_API.exec(head)?.[1];
  if (id === undefined) return undefined;
  const { store } = response ?? {};
  return { id, isKept: typeof store === 'boolean' ? store : !REFUSED.test(head) && !REFUSED.test(tail) };
}

function firstResponse(head: string): JsonObject | undefined {
  for (const { data } of readSseFrames(head)) {
    const response = parseObject(data)?.['response'];
    if (isObject(response)) return response;
  }
  return undefined;
}
