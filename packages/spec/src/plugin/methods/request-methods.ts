import { ERROR_KINDS, FAULTS } from '../../errors/proxycast-error.ts';
import { OPERATIONS } from '../../operation.ts';
import {
  flag,
  integer,
  json,
  list,
  literal,
  object,
  optional,
  record,
  text,
  type ValueOf,
  variants,
  word,
} from '../schema/json-schema.ts';
import { httpHeaderListSchema } from './http-header-list.ts';
import { call, notification } from './method.ts';
import { credentialConditionSchema, epochMs, pluginCredentialSchema } from './plugin-credential.ts';

export const PLUGIN_FRAMINGS = ['sse', 'aws-event-stream', 'lines', 'raw'] as const;

/** How the answer is read. */
export const answerReadingSchema = object({
  /** A dialect the host has a codec for, or `plugin`: the host cuts frames and `response.decode` maps them. */
  dialect: text({ minLength: 1, maxLength: 128 }),
  /** Of a dialect of the host's: the answer is in this field of each frame and of a whole body. */
  unwrap: optional(text({ minLength: 1, maxLength: 64 })),
  /** Of `plugin`: how frames are cut. */
  framing: optional(word(...PLUGIN_FRAMINGS)),
});

/**
 * What the host changes in a JSON body by itself: fields removed, then set, by dotted path (`a.b`; a dot in a name is
 * written `\.`), then the whole put into an envelope.
 */
export const requestPatchSchema = object({
  remove: optional(list(text({ minLength: 1, maxLength: 200 }), { maxItems: 100 })),
  set: optional(record(json())),
  envelope: optional(
    object({
      /** The field the body becomes. */
      field: text({ minLength: 1, maxLength: 64 }),
      /** What stands beside it. */
      beside: record(json()),
    }),
  ),
});

/**
 * In `url`, header values and string values of a lease's patch the host replaces, at each use: `{{uuid}}` (a random
 * UUID), `{{session}}` (the conversation's id), `{{session_uuid}}` (a UUID made of it), `{{request}}` (the request's id),
 * `{{model}}`, `{{now_ms}}`, `{{now_s}}`. Other names stay as they are.
 */
export const LEASE_VARIABLES = ['uuid', 'session', 'session_uuid', 'request', 'model', 'now_ms', 'now_s'] as const;
export type LeaseVariable = (typeof LEASE_VARIABLES)[number];

const target = {
  method: word('GET', 'POST', 'PUT', 'DELETE'),
  /** Absolute. Its host has to be one of `network`, or one a person set in the settings. */
  url: text({ minLength: 1, maxLength: 8000 }),
  headers: httpHeaderListSchema,
  read: answerReadingSchema,
};

/** Good for every request of the same credential, model, operation and streaming, until it ends. */
export const leaseSchema = object({
  type: literal('lease'),
  ...target,
  patch: optional(requestPatchSchema),
  ttl_ms: integer({ minimum: 1, maximum: 86_400_000 }),
  max_uses: optional(integer({ minimum: 1 })),
});

/** For this one request. The attachment is the body that is sent; without one, and with `patch`, the request's own. */
export const preparedCallSchema = object({
  type: literal('call'),
  ...target,
  patch: optional(requestPatchSchema),
  /** The attachment is the body. Absent or false: the request's own body, patched. */
  has_body: optional(flag()),
  /** What the plugin had to change or drop, as field names of the target protocol. */
  changed: optional(list(text({ maxLength: 200 }), { maxItems: 200 })),
});

export const prepareRefusalSchema = object({
  type: literal('refused'),
  kind: word(...ERROR_KINDS),
  code: text({ minLength: 1, maxLength: 64 }),
  message: text({ maxLength: 4000 }),
  field: optional(text({ maxLength: 256 })),
  next: optional(word('another_credential', 'another_provider', 'stop')),
});

const prepareResultSchema = variants(leaseSchema, preparedCallSchema, prepareRefusalSchema);

const prepareParamsSchema = object({
  /** Names this attempt in `response.decode`, `response.abort` and `failure.explain`. */
  stream_id: text({ minLength: 1, maxLength: 128 }),
  request_id: text({ minLength: 1, maxLength: 128 }),
  operation: word(...OPERATIONS),
  /** The dialect the body is in: the target protocol of the model. */
  protocol: text({ minLength: 1, maxLength: 128 }),
  model: text({ minLength: 1, maxLength: 512 }),
  is_stream: flag(),
  credential: pluginCredentialSchema,
  /** The conversation, as far as it is known: the same id for its later turns. */
  session_id: text({ minLength: 1, maxLength: 128 }),
  /** From 1, over all attempts of the request. */
  attempt: integer({ minimum: 1 }),
  /** Of the client's, as far as they belong to the dialect. */
  headers: optional(httpHeaderListSchema),
});

const frameSchema = object({
  /** The name the framing gives it. Of AWS's event stream: the event type, `exception:{type}` or `error:{code}`. */
  event: optional(text({ maxLength: 512 })),
  /** Its length; the frames stand one after the other in the attachment. */
  bytes: integer({ minimum: 0 }),
});

/** What a failure means, and what to do next. */
export const failureVerdictSchema = object({
  code: text({ minLength: 1, maxLength: 64 }),
  kind: word(...ERROR_KINDS),
  fault: word(...FAULTS),
  /** For the client. No secret, no token. Absent: the host says it in its own words. */
  message: optional(text({ maxLength: 4000 })),
  next: word('same', 'another_credential', 'another_provider', 'stop'),
  /** The credential rests until then; the host bounds it. */
  cool_down_until: optional(epochMs),
  /** What rests; absent means the model. */
  cool_down_scope: optional(word('model', 'all')),
  condition: optional(credentialConditionSchema),
});

export const REQUEST_METHODS = {
  'request.prepare': call({
    params: prepareParamsSchema,
    result: prepareResultSchema,
    attachments: {
      params: 'the body, where `initialize` answered `transform: rpc`',
      result: 'the body that is sent, where `has_body` says so',
    },
    deadlineMs: 5_000,
  }),
  /** One in flight for each stream: what arrives meanwhile is in the next. `final` comes exactly once, and last. */
  'response.decode': call({
    params: object({
      stream_id: text({ minLength: 1, maxLength: 128 }),
      frames: list(frameSchema, { maxItems: 100_000 }),
      final: flag(),
      /** With the first frames alone. */
      head: optional(
        object({
          status: integer({ minimum: 100, maximum: 599 }),
          headers: httpHeaderListSchema,
          model: text({ maxLength: 512 }),
          is_stream: flag(),
        }),
      ),
    }),
    result: object({}),
    attachments: { params: 'the frames, one after the other', result: 'a JSON array of events' },
    deadlineMs: 5_000,
  }),
  /** No more of this stream is wanted. Also for an attempt whose answer never came to `response.decode`. */
  'response.abort': notification(object({ stream_id: text({ minLength: 1, maxLength: 128 }) })),
  'failure.explain': call({
    params: object({
      stream_id: text({ minLength: 1, maxLength: 128 }),
      operation: word(...OPERATIONS),
      model: text({ maxLength: 512 }),
      credential: pluginCredentialSchema,
      status: integer({ minimum: 100, maximum: 599 }),
      headers: httpHeaderListSchema,
      attempt: integer({ minimum: 1 }),
    }),
    result: failureVerdictSchema,
    attachments: { params: 'the body of the answer, its first 256 KB at most' },
    deadlineMs: 2_000,
  }),
} as const;

export type AnswerReading = ValueOf<typeof answerReadingSchema>;
export type RequestPatch = ValueOf<typeof requestPatchSchema>;
export type Lease = ValueOf<typeof leaseSchema>;
export type PreparedCall = ValueOf<typeof preparedCallSchema>;
export type PrepareRefusal = ValueOf<typeof prepareRefusalSchema>;
export type PrepareResult = ValueOf<typeof prepareResultSchema>;
export type PrepareParams = ValueOf<typeof prepareParamsSchema>;
export type FailureVerdict = ValueOf<typeof failureVerdictSchema>;
export type PluginFraming = (typeof PLUGIN_FRAMINGS)[number];
export type DecodeParams = ValueOf<(typeof REQUEST_METHODS)['response.decode']['params']>;
export type FailureParams = ValueOf<(typeof REQUEST_METHODS)['failure.explain']['params']>;
