import { unfoldAnswer } from '@proxycast/conversion';
import type { ChatResponse, EncodeAnswerContext, JsonObject } from '@proxycast/spec';
import { textOf } from '@proxycast/wire';
import { AnswerItems } from './answer/answer-items.ts';
import { keepingFieldsOf } from './answer/echoed-fields.ts';
import { encodeItem } from './answer/encode-item.ts';
import { encodeResponseEnd, encodeResponseStart } from './answer/encode-response.ts';
import { keptStatusOf } from './answer/kept-status-of.ts';
import { isCut } from './answer/map-stop-reason.ts';
import { responseRestOf } from './answer/response-rest.ts';
import { responseIdOf } from './item/item-id.ts';

/** The answer as one JSON value: the same response object as the final event of the stream holds. Of several choices the first. */
export function encodeAnswer(
  response: ChatResponse,
  { request, nowMs, report, kept }: EncodeAnswerContext,
): JsonObject {
  const [choice] = response.choices;
  if (response.choices.length > 1) report?.('n', 'dropped');
  const own = responseRestOf(choice?.extensions);
  const id = kept?.id ?? textOf(own?.['id']) ?? responseIdOf(response.id);
  const reason = choice?.reason ?? 'other';
  const items = new AnswerItems();
  items.responseId = id;
  if (choice !== undefined) {
    for (const event of unfoldAnswer({ ...response, choices: [choice] })) items.apply(event);
  }
  items.close(isCut(reason));
  const start = encodeResponseStart({
    id,
    model: response.model,
    createdAtSeconds: response.createdAtSeconds ?? Math.floor(nowMs / 1000),
    request,
  });
  const { output: _, ...end } = encodeResponseEnd(start, {
    reason,
    hasRefusal: items.hasRefusal,
    usage: response.usage,
    nowMs,
    own,
    keeping: kept === undefined ? undefined : keepingFieldsOf(request),
  });
  const output = items.items.map(encodeItem);
  kept?.finished({
    response: JSON.stringify(end),
    status: keptStatusOf(end['status']),
    items: output.map((item) => JSON.stringify(item)),
  });
  return { ...end, output };
}
