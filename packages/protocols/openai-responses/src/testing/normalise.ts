import { isObject, type JsonObject } from '@proxycast/wire';
import { objectsIn } from './recorded.ts';

/*
 * What decoding and encoding in this dialect does not keep, and why. Everything else comes out as it went in.
 */

/**
 * Answers, whole and in events:
 * - `obfuscation` is padding against listeners of one connection; events are numbered anew.
 * - `response.function_call_arguments.done` names its function, as the SDK's types say and older recordings do not.
 * - `logprobs` is always a list: the SDK's types say so, and some answers leave an empty one out. Services round their
 *   probabilities in `done` events, and leave them out of some; those of the deltas are kept.
 */
export function normaliseAnswer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normaliseAnswer);
  if (!isObject(value)) return value;
  const { obfuscation: _, sequence_number: __, logprobs: ___, ...rest } = value;
  const named = rest['type'] === 'response.function_call_arguments.done' ? withoutName(rest) : rest;
  return Object.fromEntries(Object.entries(named).map(([name, inner]) => [name, normaliseAnswer(inner)]));
}

function withoutName({ name: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

/**
 * Streams, besides:
 * - Some services encrypt anew for the final event. It repeats what `output_item.done` said.
 */
export function normaliseEvent(event: JsonObject): unknown {
  const normalised = normaliseAnswer(event);
  if (!isObject(normalised) || !isObject(normalised['response'])) return normalised;
  const output = objectsIn(normalised['response']['output']).map(
    ({ encrypted_content: _, fingerprint: __, ...item }) => item,
  );
  return { ...normalised, response: { ...normalised['response'], output } };
}

/**
 * Requests:
 * - A `null` at the top, in a tool's description and in a schema that is none says what an absent field says.
 * - `stream: false` is the same as no word of it; `input: []` beside an earlier response is no input.
 * - `input` as a text is one message of the user's. Messages have a type. A message of the user's that is one plain text is
 *   written as that text, one of the assistant's as its parts.
 * - Empty `annotations` and `logprobs` of earlier messages say nothing; a message with an id has the former.
 * - An id the API would refuse at its place is left out: other services give their items such.
 */
export function normaliseRequest(body: JsonObject): unknown {
  const { stream, input, tools, ...rest } = body;
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  const items =
    typeof input === 'string' ? [{ role: 'user', content: input }] : objectsIn(input).map((item) => ({ ...item }));
  return {
    ...Object.fromEntries(said),
    ...(stream === true ? { stream } : {}),
    ...(items.length === 0 ? {} : { input: items.map(normaliseItem) }),
    ...(tools === undefined ? {} : { tools: objectsIn(tools).map(withoutNullDescription) }),
  };
}

function withoutNullDescription({ description, ...tool }: JsonObject): JsonObject {
  return description === null || description === undefined ? tool : { ...tool, description };
}

const PREFIXES: Readonly<Record<string, string>> = { reasoning: 'rs', message: 'msg', function_call: 'fc' };

function normaliseItem(item: JsonObject): JsonObject {
  const { id, ...rest }: JsonObject = { type: 'message', ...item };
  const prefix = PREFIXES[String(rest['type'])];
  const isRefused = typeof id === 'string' && prefix !== undefined && !id.startsWith(prefix);
  const content = rest['type'] === 'message' ? { content: normaliseContent(item) } : {};
  return { ...rest, ...(id === undefined || isRefused ? {} : { id }), ...content };
}

function normaliseContent({ role, content }: JsonObject): unknown {
  const isAnswer = role === 'assistant';
  if (typeof content === 'string') return isAnswer ? [{ type: 'output_text', text: content }] : content;
  const parts = objectsIn(content).map(withoutEmptyLists);
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.['type'] === 'input_text' && Object.keys(only).length === 2;
  return isPlain && !isAnswer ? only['text'] : parts;
}

function withoutEmptyLists({ annotations, logprobs, ...part }: JsonObject): JsonObject {
  return {
    ...part,
    ...(objectsIn(annotations).length === 0 ? {} : { annotations }),
    ...(objectsIn(logprobs).length === 0 ? {} : { logprobs }),
  };
}
