import { SERVER_TOOL_KINDS } from '../chat-block.ts';
import { ERROR_KINDS, type ErrorKind } from '../errors/proxycast-error.ts';
import { STOP_REASONS, type StreamEvent } from '../stream-event.ts';
import type { JsonSchema } from './schema/json-schema.ts';

/** How an answer that `response.decode` reads ends when the service failed half-way. */
export interface PluginStreamFailure {
  readonly type: 'error';
  readonly error: {
    readonly code: string;
    readonly kind: ErrorKind;
    readonly message: string;
    readonly retryAfterMs?: number;
  };
}

/** What a plugin's `response.decode` answers, as JSON: events whose order and meaning are those of `StreamEvent`. */
export type PluginEvent = Exclude<StreamEvent, { readonly type: 'error' }> | PluginStreamFailure;

/** What a field of an event holds. Those with `?` may be missing. */
export type EventFieldKind =
  | 'count'
  | 'count?'
  | 'text'
  | 'text?'
  | 'flag?'
  | 'object'
  | 'object?'
  | 'list?'
  | 'signature'
  | 'signature?'
  | 'source'
  | 'stop-reason'
  | 'tool-kind'
  | 'call-kind'
  | 'thinking-kind'
  | 'failure';

const START = { block: 'count', choice: 'count?', extensions: 'object?' } as const;

/** The fields of each event: what the host checks before it believes one. */
export const EVENT_FIELDS: Readonly<Record<PluginEvent['type'], Readonly<Record<string, EventFieldKind>>>> = {
  'message-start': { id: 'text', model: 'text', createdAtSeconds: 'count?', extensions: 'object?' },
  'text-start': { ...START, signature: 'signature?' },
  'text-delta': { block: 'count', text: 'text', logprobs: 'list?' },
  citation: { block: 'count', citation: 'object' },
  'refusal-start': START,
  'refusal-delta': { block: 'count', text: 'text' },
  'thinking-start': { ...START, kind: 'thinking-kind' },
  'thinking-delta': { block: 'count', text: 'text', part: 'count?' },
  'redacted-thinking': { ...START, signature: 'signature' },
  signature: { block: 'count', signature: 'signature' },
  'tool-call-start': {
    ...START,
    callId: 'text',
    name: 'text',
    kind: 'call-kind',
    namespace: 'text?',
    signature: 'signature?',
  },
  'tool-input-delta': { block: 'count', json: 'text' },
  'server-tool-start': { ...START, callId: 'text', tool: 'tool-kind', name: 'text', signature: 'signature?' },
  'server-tool-input-delta': { block: 'count', json: 'text' },
  'server-tool-result': {
    ...START,
    callId: 'text',
    tool: 'tool-kind',
    isError: 'flag?',
    sources: 'list?',
    text: 'text?',
    signature: 'signature?',
  },
  image: { ...START, source: 'source', signature: 'signature?' },
  'audio-start': { ...START, id: 'text?', format: 'text?' },
  'audio-delta': { block: 'count', data: 'text?', transcript: 'text?' },
  opaque: { ...START, protocol: 'text', value: 'object' },
  'block-end': { block: 'count', extensions: 'object?' },
  usage: { usage: 'object' },
  'message-end': {
    choice: 'count?',
    reason: 'stop-reason',
    upstreamReason: 'text?',
    stopSequence: 'text?',
    extensions: 'object?',
  },
  error: { error: 'failure' },
  ping: {},
  extension: { protocol: 'text', value: 'object' },
};

const SIGNATURE: JsonSchema = {
  type: 'object',
  properties: { value: { type: 'string' } },
  required: ['value'],
  // The host puts its own in: a plugin cannot speak for another's upstream.
  description: 'origin is filled in by the host',
};

const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  count: { type: 'integer', minimum: 0 },
  text: { type: 'string' },
  flag: { type: 'boolean' },
  object: { type: 'object' },
  list: { type: 'array' },
  signature: SIGNATURE,
  source: { type: 'object', properties: { type: { type: 'string' } }, required: ['type'] },
  'stop-reason': { enum: STOP_REASONS },
  'tool-kind': { enum: SERVER_TOOL_KINDS },
  'call-kind': { enum: ['function', 'custom'] },
  'thinking-kind': { enum: ['full', 'summary'] },
  failure: {
    type: 'object',
    properties: {
      code: { type: 'string' },
      kind: { enum: ERROR_KINDS },
      message: { type: 'string' },
      retryAfterMs: { type: 'integer', minimum: 0 },
    },
    required: ['code', 'kind', 'message'],
  },
};

/** The table above as JSON Schema, for other languages. */
export const pluginEventSchema: JsonSchema = {
  anyOf: Object.entries(EVENT_FIELDS).map(([type, fields]) => ({
    type: 'object' as const,
    properties: {
      type: { const: type },
      ...Object.fromEntries(
        Object.entries(fields).map(([name, kind]) => [name, SCHEMAS[kind.replace('?', '')] ?? {}] as const),
      ),
    },
    required: ['type', ...Object.entries(fields).flatMap(([name, kind]) => (kind.endsWith('?') ? [] : [name]))],
  })),
  discriminator: { propertyName: 'type' },
};
