import type { StopReason } from '@proxycast/spec';
import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { type AnswerFacts, type CallFacts, inputValueOf, settleStop, type UsageFacts } from '../answer-facts.ts';
import {
  countOf,
  defined,
  distinct,
  objectsIn,
  type RawAnswerReader,
  type RawFrame,
  RawStreamFault,
} from './raw-answer.ts';

const ENDINGS = ['response.completed', 'response.incomplete', 'response.failed'];

/** protocols.md 3.2 and 3.3. What a `done` says against its deltas is not heard: readers have shown the deltas. */
export const rawResponses: RawAnswerReader = {
  fold(frames) {
    const items = new Map<number, JsonObject>();
    const texts = new Map<string, string>();
    let last: JsonObject | undefined;
    for (const { value, event } of objectsIn(frames)) {
      const type = isString(value.type) ? value.type : event;
      if (type === 'error') throw new RawStreamFault(JSON.stringify(value));
      if (type === 'response.output_item.done' && isObject(value.item))
        items.set(Number(value.output_index), value.item);
      else if (type === 'response.output_text.delta') {
        const place = `${value.output_index} ${value.content_index}`;
        texts.set(place, `${texts.get(place) ?? ''}${value.delta}`);
      } else if (type !== undefined && ENDINGS.includes(type) && isObject(value.response)) last = value.response;
    }
    if (last === undefined) throw new RawStreamFault('no terminal event');
    if (last.status === 'failed') throw new RawStreamFault(JSON.stringify(last.error));
    const output = objectsOf(last.output);
    const done = [...items].sort(([one], [two]) => one - two).map(([, item]) => item);
    // Encrypted reasoning is another one in each event that repeats it; the one of its own end counts: protocols.md 3.3.
    const whole = (output.length > 0 ? output : done).map((item, index) =>
      item.type === 'reasoning' && items.get(index)?.type === 'reasoning' ? (items.get(index) ?? item) : item,
    );
    return { ...last, output: whole.map((item, index) => asShown(item, index, texts)) };
  },
  read: readResponsesBody,
};

function asShown(item: JsonObject, index: number, texts: ReadonlyMap<string, string>): JsonObject {
  if (item.type !== 'message') return item;
  const content = objectsOf(item.content).map((part, position) => {
    const shown = texts.get(`${index} ${position}`);
    const isAtOdds = shown !== undefined && isString(part.text) && !part.text.startsWith(shown);
    return isAtOdds ? { ...part, text: shown } : part;
  });
  return { ...item, content };
}

/** Every `done` of a stream that is not what its deltas said. */
export function doneFaultsOf(frames: readonly RawFrame[]): readonly string[] {
  const said = new Map<string, string>();
  return objectsIn(frames).flatMap(({ value }) => {
    const type = String(value.type);
    const place = `${value.output_index} ${value.content_index ?? value.summary_index ?? ''} ${type.replace(/\.(delta|done)$/, '')}`;
    if (isString(value.delta)) said.set(place, (said.get(place) ?? '') + value.delta);
    const done = value.text ?? value.arguments ?? value.input ?? value.refusal;
    const before = said.get(place);
    const isAtOdds = type.endsWith('.done') && isString(done) && before !== undefined && before !== done;
    return isAtOdds ? [`${type} is not what its deltas said: ${done.slice(0, 80)}`] : [];
  });
}

/** Some recordings have their pictures cut. */
const isPicture = ({ type, result }: JsonObject): boolean =>
  type === 'image_generation_call' && isString(result) && /^[A-Za-z0-9+/]+=*$/.test(result);

function readResponsesBody(body: JsonObject): AnswerFacts {
  const items = objectsOf(body.output);
  const parts = items.filter((item) => item.type === 'message').flatMap((item) => objectsOf(item.content));
  const textOf = (type: string, field: string) =>
    parts.map((part) => (part.type === type && isString(part[field]) ? part[field] : '')).join('');
  const calls = items.flatMap((item): readonly CallFacts[] => {
    const base = { id: String(item.call_id), name: String(item.name) };
    if (item.type === 'custom_tool_call') return [{ ...base, input: item.input, kind: 'custom' }];
    if (item.type !== 'function_call') return [];
    return [
      {
        ...base,
        input: isString(item.arguments) ? inputValueOf(item.arguments) : (item.arguments ?? {}),
        kind: 'function',
      },
    ];
  });
  return {
    choices: [
      {
        text: textOf('output_text', 'text'),
        refusal: textOf('refusal', 'refusal'),
        thinking: items.filter((item) => item.type === 'reasoning').flatMap(thinkingOf),
        calls,
        cited: distinct(parts.flatMap((part) => objectsOf(part.annotations)).map(({ url }) => url)),
        pictures: items.filter(isPicture).length,
        stop: settleStop(stopOf(body), calls.length),
      },
    ],
    ...(isObject(body.usage) ? { usage: usageOf(body.usage) } : {}),
  };
}

/** The summary; where there is none, the raw text of open models. */
function thinkingOf(item: JsonObject): readonly string[] {
  const texts = (list: unknown) =>
    objectsOf(list)
      .map((part) => part.text)
      .filter(isString)
      .filter((text) => text !== '');
  const summary = texts(item.summary);
  return summary.length > 0 ? summary : texts(item.content);
}

function stopOf(body: JsonObject): StopReason {
  if (body.status !== 'incomplete') return 'end';
  const reason = isObject(body.incomplete_details) ? body.incomplete_details.reason : undefined;
  if (reason === 'max_output_tokens') return 'length';
  return reason === 'content_filter' ? 'refusal' : 'other';
}

function usageOf(usage: JsonObject): UsageFacts {
  const input = isObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  return defined<UsageFacts>({
    input: countOf(usage.input_tokens),
    cacheRead: countOf(input.cached_tokens),
    cacheWrite: countOf(input.cache_write_tokens),
    output: countOf(usage.output_tokens),
    reasoning: countOf(output.reasoning_tokens),
  });
}
