import type { Frame } from '@proxycast/spec';
import { loadRecordings, type Recording } from '@proxycast/testkit';
import { isObject, type JsonObject, parseObject, readSseFrames } from '@proxycast/wire';

export const ORIGIN = 'responses:recorded';
export const DECODING = { origin: ORIGIN, fallbackId: 'fallback', model: 'fallback-model' };

export const streams = loadRecordings({ protocol: 'openai-responses', kind: 'stream', status: 200 });

/** Other objects of the API, and one answer of Chat Completions, are among the bodies. */
export const bodies = loadRecordings({ protocol: 'openai-responses', kind: 'body', status: 200 }).filter(
  (recording) => bodyOf(recording)['object'] === 'response',
);

export function bodyOf(recording: Recording): JsonObject {
  return parseObject(recording.bytes().toString('utf8')) ?? {};
}

/** A last frame without its blank line counts. */
export function framesOf(text: string): readonly Frame[] {
  return [...readSseFrames(`${text}\n\n`)];
}

export const framesOfRecording = (recording: Recording): readonly Frame[] =>
  framesOf(recording.bytes().toString('utf8'));

/** The events as the API sent them, parsed by nothing of ours but JSON. */
export function eventsOf(frames: readonly Frame[]): readonly JsonObject[] {
  return frames.flatMap(({ data }) => {
    const value = parseObject(data);
    return value === undefined ? [] : [value];
  });
}

/** The response of the event that ends a stream; `undefined` for one that fails. */
export function finalResponseOf(frames: readonly Frame[]): JsonObject | undefined {
  const last = eventsOf(frames).findLast(({ response }) => isObject(response));
  const response = isObject(last?.['response']) ? last['response'] : undefined;
  return response?.['status'] === 'failed' ? undefined : response;
}

/** What a response says, read without our decoder. */
export interface Said {
  readonly text: string;
  readonly refusal: string;
  readonly thinking: string;
  readonly calls: readonly (readonly [callId: unknown, name: unknown, input: unknown])[];
  readonly usage: unknown;
}

export function saidIn(response: JsonObject): Said {
  const items = objectsIn(response['output']);
  const parts = items.filter(({ type }) => type === 'message').flatMap(({ content }) => objectsIn(content));
  const join = (list: readonly JsonObject[], field: string) => list.map((part) => part[field] ?? '').join('');
  const usage = isObject(response['usage']) ? response['usage'] : undefined;
  const details = (name: string) => (isObject(usage?.[name]) ? usage[name] : {});
  return {
    text: join(parts, 'text'),
    refusal: join(parts, 'refusal'),
    thinking: items
      .filter(({ type }) => type === 'reasoning')
      .map(({ summary, content }) => join(objectsIn(content), 'text') + join(objectsIn(summary), 'text'))
      .join(''),
    calls: items
      .filter(({ type }) => type === 'function_call' || type === 'custom_tool_call')
      .map((item) => [item['call_id'], item['name'], item['arguments'] ?? item['input']]),
    usage:
      usage === undefined
        ? undefined
        : withoutUndefined({
            input: usage['input_tokens'],
            cacheRead: details('input_tokens_details')['cached_tokens'],
            cacheWrite: details('input_tokens_details')['cache_write_tokens'],
            output: usage['output_tokens'],
            reasoning: details('output_tokens_details')['reasoning_tokens'],
          }),
  };
}

export const objectsIn = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

const withoutUndefined = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
