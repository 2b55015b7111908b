import type { AnswerFraming, FinishedAnswer, JsonObject } from '@proxycast/spec';
import { countOf, isObject, parseObject, readSseFrames } from '@proxycast/wire';
import { keptStatusOf } from '../answer/kept-status-of.ts';
import { responseIdIn } from './read-passed.ts';

const LAST_EVENTS: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.failed']);

/** The response of the last event, or the whole answer. Its items are those that were done where it repeats none. */
export function readFinished(
  text: string,
  framing: AnswerFraming,
): (FinishedAnswer & { readonly id: string }) | undefined {
  if (framing !== 'sse') return finishedOf(parseObject(text), []);
  const done: JsonObject[] = [];
  let last: JsonObject | undefined;
  // A last frame without its blank line counts.
  for (const { data } of readSseFrames(`${text}\n\n`)) {
    // Of hundreds of events a handful is looked at.
    if (!data.includes('"response.')) continue;
    const isDone = data.includes('"response.output_item.done"');
    if (!isDone && ![...LAST_EVENTS].some((type) => data.includes(`"${String(type)}"`))) continue;
    const event = parseObject(data);
    const { type, response, item, output_index: index } = event ?? {};
    if (type === 'response.output_item.done' && isObject(item)) done[countOf(index) ?? done.length] = item;
    else if (LAST_EVENTS.has(type) && isObject(response)) last = response;
  }
  return finishedOf(last, done);
}

function finishedOf(
  response: JsonObject | undefined,
  done: readonly JsonObject[],
): (FinishedAnswer & { readonly id: string }) | undefined {
  if (response === undefined) return undefined;
  const { output, ...rest } = response;
  const id = responseIdIn(rest);
  if (id === undefined) return undefined;
  const items = Array.isArray(output) && output.length > 0 ? output : done.filter(isObject);
  return {
    id,
    response: JSON.stringify(rest),
    status: keptStatusOf(rest['status']),
    items: items.map((item: unknown) => JSON.stringify(item)),
  };
}
