import type { StopReason } from '@proxycast/spec';
import { isObject, isString, type JsonObject, objectsOf } from '../../json.ts';
import { type CallFacts, type ChoiceFacts, inputValueOf, settleStop, type UsageFacts } from '../answer-facts.ts';
import { countOf, defined, distinct, objectsIn, type RawAnswerReader, RawStreamFault } from './raw-answer.ts';

const STOPS: Readonly<Record<string, StopReason>> = {
  stop: 'end',
  eos: 'end',
  end_turn: 'end',
  length: 'length',
  model_length: 'length',
  tool_calls: 'tool-use',
  function_call: 'tool-use',
  content_filter: 'refusal',
};

interface Delta {
  text: string;
  refusal: string;
  thinking: string;
  calls: {
    key: unknown;
    id: string;
    name: string;
    text: string;
    type: string;
    isObject?: JsonObject;
    more: JsonObject;
  }[];
  /** Fields the SDK does not know: its accumulator keeps the last of each. Lists are put together. */
  more: JsonObject;
  legacy?: { name: string; text: string };
  finish?: unknown;
}

/** protocols.md 2.2, 2.3 and 6. */
export const rawChat: RawAnswerReader = {
  fold(frames) {
    const choices = new Map<number, Delta>();
    let usage: unknown;
    let isDone = false;
    let head: JsonObject | undefined;
    for (const { data, event } of frames) {
      if (data.trim() === '[DONE]') {
        isDone = true;
        continue;
      }
      const [parsed] = objectsIn([{ data }]);
      if (parsed === undefined) continue;
      const { value } = parsed;
      if (event === 'error' || (value.error !== undefined && value.error !== null)) {
        throw new RawStreamFault(JSON.stringify(value.error));
      }
      head ??= value;
      if (isObject(value.usage)) usage = mergeCounts(usage, value.usage);
      for (const choice of objectsOf(value.choices)) {
        if (isObject(choice.usage)) usage = mergeCounts(usage, choice.usage);
        const index = typeof choice.index === 'number' ? choice.index : 0;
        let state = choices.get(index);
        if (state === undefined) {
          state = { text: '', refusal: '', thinking: '', calls: [], more: {} };
          choices.set(index, state);
        }
        // Perplexity repeats the whole message beside the delta.
        if (isObject(choice.delta)) addDelta(state, choice.delta);
        if (isString(choice.finish_reason) && choice.finish_reason !== '') state.finish = choice.finish_reason;
      }
    }
    const isFinished = choices.size > 0 && [...choices.values()].every((state) => state.finish !== undefined);
    if (!isDone && !isFinished) {
      throw new RawStreamFault('neither [DONE] nor a finish_reason');
    }
    return {
      ...head,
      object: 'chat.completion',
      choices: [...choices]
        .sort(([one], [two]) => one - two)
        .map(([index, state]) => ({
          index,
          finish_reason: state.finish ?? null,
          message: {
            ...state.more,
            role: 'assistant',
            content: state.text,
            ...(state.refusal === '' ? {} : { refusal: state.refusal }),
            ...(state.thinking === '' ? {} : { reasoning_content: state.thinking }),
            ...(state.calls.length === 0 ? {} : { tool_calls: state.calls.map(wholeCall) }),
            ...(state.legacy === undefined
              ? {}
              : { function_call: { name: state.legacy.name, arguments: state.legacy.text } }),
          },
        })),
      usage,
    };
  },
  read: (body) => ({
    choices: objectsOf(body.choices)
      .toSorted((one, two) => Number(one.index ?? 0) - Number(two.index ?? 0))
      .map(readChoice),
    ...(isObject(body.usage) ? { usage: usageOf(body.usage) } : {}),
  }),
};

function wholeCall(call: Delta['calls'][number]): JsonObject {
  return call.type === 'custom'
    ? { ...call.more, id: call.id, type: 'custom', custom: { name: call.name, input: call.text } }
    : {
        ...call.more,
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.isObject ?? call.text },
      };
}

function addDelta(state: Delta, delta: JsonObject): void {
  const more = without(delta, [
    'role',
    'content',
    'refusal',
    'tool_calls',
    'function_call',
    'reasoning_content',
    'reasoning',
  ]);
  const details = [...objectsOf(state.more.reasoning_details), ...objectsOf(delta.reasoning_details)];
  const annotations = [...objectsOf(state.more.annotations), ...objectsOf(delta.annotations)];
  const images = [...objectsOf(state.more.images), ...objectsOf(delta.images)];
  state.more = {
    ...state.more,
    ...more,
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(images.length === 0 ? {} : { images }),
  };
  const { text, thinking } = contentOf(delta.content);
  state.text += text;
  state.thinking += thinking + thinkingOf(delta);
  if (isString(delta.refusal)) state.refusal += delta.refusal;
  if (isObject(delta.function_call)) {
    state.legacy ??= { name: '', text: '' };
    if (isString(delta.function_call.name)) state.legacy.name += delta.function_call.name;
    if (isString(delta.function_call.arguments)) state.legacy.text += delta.function_call.arguments;
  }
  for (const piece of objectsOf(delta.tool_calls)) {
    const body = isObject(piece.custom) ? piece.custom : isObject(piece.function) ? piece.function : {};
    const id = isString(piece.id) ? piece.id : '';
    const last = state.calls.at(-1);
    let call =
      piece.index === undefined
        ? id === '' || id === last?.id
          ? last
          : undefined
        : state.calls.findLast(({ key }) => key === piece.index);
    if (
      call === undefined ||
      (id !== '' && call.id !== '' && id !== call.id && isString(body.name) && body.name !== '')
    ) {
      call = {
        key: piece.index,
        id,
        name: '',
        text: '',
        type: piece.type === 'custom' ? 'custom' : 'function',
        more: {},
      };
      state.calls.push(call);
    }
    if (call.id === '') call.id = id;
    call.more = { ...call.more, ...without(piece, ['index', 'id', 'type', 'function', 'custom']) };
    if (isString(body.name)) call.name = call.name === body.name ? call.name : call.name + body.name;
    const input = body.arguments ?? body.input;
    if (isString(input)) call.text += input;
    else if (isObject(input)) call.isObject = input;
  }
}

const without = (value: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)));

function readChoice(choice: JsonObject): ChoiceFacts {
  const message = isObject(choice.message) ? choice.message : {};
  const { text, thinking } = contentOf(message.content);
  const calls: CallFacts[] = objectsOf(message.tool_calls).map((call) => {
    // Snowflake has an empty custom beside each function.
    if (call.type === 'custom' && isObject(call.custom)) {
      return { id: String(call.id ?? ''), name: String(call.custom.name), input: call.custom.input, kind: 'custom' };
    }
    const called = isObject(call.function) ? call.function : {};
    const input = called.arguments;
    return {
      id: String(call.id ?? ''),
      name: String(called.name),
      input: isString(input) ? inputValueOf(input) : (input ?? {}),
      kind: 'function',
    };
  });
  // Snowflake has an empty one in every answer.
  if (calls.length === 0 && isObject(message.function_call) && message.function_call.name !== '') {
    const { name, arguments: input } = message.function_call;
    calls.push({
      id: '',
      name: String(name),
      input: isString(input) ? inputValueOf(input) : (input ?? {}),
      kind: 'function',
    });
  }
  const stop = isString(choice.finish_reason) ? (STOPS[choice.finish_reason] ?? 'other') : 'other';
  return {
    text,
    refusal: isString(message.refusal) ? message.refusal : '',
    thinking: [thinking + thinkingOf(message)].filter((part) => part !== ''),
    calls,
    cited: distinct(
      objectsOf(message.annotations).map(({ url_citation: citation }) =>
        isObject(citation) ? citation.url : undefined,
      ),
    ),
    pictures: objectsOf(message.images).length,
    stop: settleStop(stop, calls.length),
  };
}

/** A string, or Mistral's parts. */
function contentOf(content: unknown): { readonly text: string; readonly thinking: string } {
  if (isString(content)) return { text: content, thinking: '' };
  const parts = objectsOf(content);
  const textOf = (list: readonly JsonObject[]) =>
    list.map((part) => (part.type === 'text' && isString(part.text) ? part.text : '')).join('');
  return {
    text: textOf(parts),
    thinking: parts
      .filter((part) => part.type === 'thinking')
      .map((part) => (isString(part.thinking) ? part.thinking : textOf(objectsOf(part.thinking))))
      .join(''),
  };
}

/** Only one of the fields counts: they repeat each other. */
function thinkingOf(message: JsonObject): string {
  const { reasoning_content: content, reasoning } = message;
  if (isString(content) && content !== '') return content;
  if (isString(reasoning) && reasoning !== '') return reasoning;
  return objectsOf(message.reasoning_details)
    .map((detail) => detail.text ?? detail.summary)
    .filter(isString)
    .join('');
}

function mergeCounts(before: unknown, after: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...(isObject(before) ? before : {}) };
  for (const [field, value] of Object.entries(after)) {
    if (value === null || value === undefined) continue;
    merged[field] = isObject(value) ? mergeCounts(merged[field], value) : value;
  }
  return merged;
}

function usageOf(usage: JsonObject): UsageFacts {
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const completion = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  const input = countOf(usage.prompt_tokens);
  const output = countOf(usage.completion_tokens);
  const reasoning = countOf(completion.reasoning_tokens);
  const outside = (countOf(usage.total_tokens) ?? 0) - (input ?? 0) - (output ?? 0);
  return defined<UsageFacts>({
    // Mistral counts sound beside the prompt; xAI counts reasoning beside the completion. Only the total has them.
    input: input !== undefined && outside > 0 && outside === prompt.audio_tokens ? input + outside : input,
    cacheRead:
      countOf(prompt.cached_tokens) ??
      countOf(usage.prompt_cache_hit_tokens) ??
      countOf(usage.num_cached_tokens) ??
      countOf(usage.cached_tokens),
    cacheWrite: countOf(prompt.cache_write_tokens),
    output: output !== undefined && outside > 0 && outside === reasoning ? output + outside : output,
    reasoning,
  });
}
