import { type ChatRequest, type Frame, InvalidRequestError, type StreamEvent } from '@proxycast/spec';
import type { FakeDialectId } from '../../fake-upstream/recorded-request.ts';
import { isObject, type JsonObject, objectsOf } from '../../json.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { CONFORMANCE_DIALECTS, dialectOf } from '../conformance-dialect.ts';
import { convertBody, convertStream, framesOf, plainRequest } from '../convert-answer.ts';
import { type ConvertedRequest, encodeFor, strictFindings } from '../convert-request.ts';

/** The steps that tests of reported bugs are made of. */

export const IDS: readonly FakeDialectId[] = CONFORMANCE_DIALECTS.map(({ id }) => id);

/** Frames whose data are these values; where one has a `type`, it is the event's name too. */
export const frames = (...values: readonly (JsonObject | '[DONE]')[]): readonly Frame[] =>
  values.map((value) =>
    value === '[DONE]'
      ? { data: value }
      : { data: JSON.stringify(value), ...(typeof value.type === 'string' ? { event: value.type } : {}) },
  );

/** Chunks of a chat completion from their deltas, with its end. */
export const chat = (
  deltas: readonly JsonObject[],
  finish: string | null = 'stop',
  usage?: JsonObject,
): readonly Frame[] => {
  const chunk = (choices: readonly JsonObject[], more: JsonObject = {}) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices,
    ...more,
  });
  return frames(
    ...deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: finish }]),
    ...(usage === undefined ? [] : [chunk([], { usage })]),
    '[DONE]',
  );
};

/** A piece of a call in a chunk. */
export const callDelta = (index: number, name: string | undefined, args: string, id?: string): JsonObject => ({
  tool_calls: [
    {
      index,
      ...(id === undefined ? {} : { id, type: 'function' }),
      function: { ...(name === undefined ? {} : { name }), arguments: args },
    },
  ],
});

/** Chunks of Gemini from the parts of each; the last one has the reason. */
export const gemini = (
  chunks: readonly (readonly JsonObject[])[],
  finishReason = 'STOP',
  usageMetadata: JsonObject = {},
): readonly Frame[] =>
  frames(
    ...chunks.map((parts, index) => ({
      candidates: [
        { content: { role: 'model', parts }, index: 0, ...(index === chunks.length - 1 ? { finishReason } : {}) },
      ],
      usageMetadata,
      modelVersion: 'gemini-3-x',
      responseId: 'r1',
    })),
  );

/** A Responses stream around the events of its items. */
export const responses = (
  events: readonly JsonObject[],
  output: readonly JsonObject[],
  more: JsonObject = {},
): readonly Frame[] => {
  const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'in_progress', output: [] };
  return frames(
    ...[
      { type: 'response.created', response },
      ...events,
      { type: 'response.completed', response: { ...response, status: 'completed', output, ...more } },
    ].map((event, index) => ({ ...event, sequence_number: index })),
  );
};

/** An Anthropic stream from its blocks, each with its deltas. */
export const anthropic = (
  blocks: readonly (readonly [start: JsonObject, ...deltas: JsonObject[]])[],
  stop = 'end_turn',
  usage: { readonly start?: JsonObject; readonly end?: JsonObject } = {},
): readonly Frame[] =>
  frames(
    {
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: usage.start ?? { input_tokens: 1, output_tokens: 1 },
      },
    },
    ...blocks.flatMap(([start, ...deltas], index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: stop, stop_sequence: null },
      usage: usage.end ?? { output_tokens: 5 },
    },
    { type: 'message_stop' },
  );

export interface Told {
  readonly text: string;
  readonly frames: readonly Frame[];
  /** As a reader of the client's dialect puts it together; that reader is strict. */
  readonly body: JsonObject;
  readonly facts: AnswerFacts;
  readonly events: readonly StreamEvent[];
}

/** A stream of one dialect, told in another. Throws where an SDK would throw. */
export function tell(
  from: FakeDialectId,
  to: FakeDialectId,
  stream: readonly Frame[],
  request?: Partial<ChatRequest>,
): Told {
  const [source, target] = [dialectOf(from), dialectOf(to)];
  const way = { from: source, to: target, request: { ...plainRequest(target), ...request } };
  const { text, events } = convertStream(way, stream);
  const read = framesOf(text);
  const body = target.raw.fold(read);
  return { text, frames: read, body, facts: target.raw.read(body), events };
}

/** The data of frames, parsed. */
export const valuesOf = (read: readonly Frame[]): readonly JsonObject[] =>
  read.flatMap(({ data }) => (data === '[DONE]' ? [] : objectsOf([JSON.parse(data)])));

export const tellWhole = (from: FakeDialectId, to: FakeDialectId, body: JsonObject): JsonObject =>
  convertBody({ from: dialectOf(from), to: dialectOf(to) }, body);

/** A request of one dialect, asked in another, which its strict service takes. */
export function ask(
  from: FakeDialectId,
  to: FakeDialectId,
  body: JsonObject,
  { origin, signatures }: { readonly origin?: string; readonly signatures?: ReadonlyMap<string, string> } = {},
): ConvertedRequest {
  const request = dialectOf(from).codec.decodeRequest(body, { isStream: false, pathModel: 'model' });
  const encoded = encodeFor(dialectOf(to), request, origin === undefined ? {} : { origin });
  if (encoded instanceof InvalidRequestError) throw encoded;
  const found = strictFindings(dialectOf(to), encoded.body, signatures);
  if (found.length > 0)
    throw new Error(`${to} refuses it: ${found.join('; ')} in ${JSON.stringify(encoded.body).slice(0, 2000)}`);
  return encoded;
}

/** The value at a path of keys and indices. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((place, key) => {
    if (Array.isArray(place)) return place[Number(key)];
    return isObject(place) ? place[key] : undefined;
  }, value);
}
