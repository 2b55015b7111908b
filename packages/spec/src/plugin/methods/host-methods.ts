import { MAX_FRAME_ATTACHMENT_BYTES } from '../frame-header.ts';
import { flag, integer, json, jsonObject, list, object, optional, text, word } from '../schema/json-schema.ts';
import { httpHeaderListSchema } from './http-header-list.ts';
import { type CallName, call, type NotificationName, notification, type ParamsIn, type ResultIn } from './method.ts';

const path = text({ minLength: 1, maxLength: 1000 });
const kvKey = text({ minLength: 1, maxLength: 256 });
const sql = text({ minLength: 1, maxLength: 100_000 });
/** Text, number, null, or `{ base64 }` for bytes. */
const sqlValues = list(json(), { maxItems: 1000 });
const rows = object({
  columns: list(text({ maxLength: 256 }), { maxItems: 1000 }),
  rows: list(sqlValues, { maxItems: 10_000 }),
});

/** Plugin → host. Each is checked against the manifest and against what a person consented to. */
export const HOST_METHODS = {
  /** Answers the head; the body follows as `$/chunk`, as credit allows, and `$/end`. */
  'http.request': call({
    params: object({
      method: word('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
      url: text({ minLength: 1, maxLength: 8000 }),
      headers: optional(httpHeaderListSchema),
      /** For head and body together. */
      timeout_ms: optional(integer({ minimum: 1, maximum: 600_000 })),
      redirect: optional(word('follow', 'manual')),
      /** Bytes of the body that may be sent before `$/credit` gives more. */
      credit_bytes: integer({ minimum: 1, maximum: MAX_FRAME_ATTACHMENT_BYTES }),
      /** The credential it is for: the host uses that credential's proxy. */
      credential_id: optional(text({ maxLength: 128 })),
    }),
    result: object({
      status: integer({ minimum: 100, maximum: 599 }),
      headers: httpHeaderListSchema,
      /** After redirects. */
      url: text({ maxLength: 8000 }),
    }),
    attachments: { params: 'the body' },
    deadlineMs: 60_000,
  }),
  'files.read': call({
    params: object({ path }),
    result: object({ size_bytes: integer({ minimum: 0 }), modified_at: integer({ minimum: 0 }) }),
    attachments: { result: 'the bytes of the file' },
    deadlineMs: 10_000,
  }),
  /** Names of the files that a granted pattern has now. */
  'files.list': call({
    params: object({ pattern: path }),
    result: object({ paths: list(path, { maxItems: 1000 }) }),
    deadlineMs: 10_000,
  }),
  /** Reads a copy, with what its write-ahead log holds. */
  'files.query_sqlite': call({
    params: object({ path, sql, values: optional(sqlValues) }),
    result: rows,
    deadlineMs: 10_000,
  }),
  'files.watch': call({
    params: object({ path }),
    result: object({ watch_id: integer({ minimum: 1 }) }),
    deadlineMs: 5_000,
  }),
  'files.unwatch': call({
    params: object({ watch_id: integer({ minimum: 1 }) }),
    result: object({}),
    deadlineMs: 5_000,
  }),
  'keychain.read': call({
    params: object({ service: text({ maxLength: 200 }), account: optional(text({ maxLength: 200 })) }),
    result: object({ found: flag(), secret: optional(text()) }),
    deadlineMs: 30_000,
  }),
  'kv.get': call({
    params: object({ key: kvKey }),
    result: object({ found: flag(), value: optional(json()) }),
    deadlineMs: 5_000,
  }),
  'kv.set': call({ params: object({ key: kvKey, value: json() }), result: object({}), deadlineMs: 5_000 }),
  'kv.delete': call({ params: object({ key: kvKey }), result: object({ existed: flag() }), deadlineMs: 5_000 }),
  'kv.list': call({
    params: object({ prefix: optional(text({ maxLength: 256 })) }),
    result: object({ keys: list(kvKey) }),
    deadlineMs: 5_000,
  }),
  /** On the plugin's own private database. The table `plugin_credentials` shows its credentials without secrets. */
  'database.query': call({
    params: object({ sql, values: optional(sqlValues) }),
    result: rows,
    deadlineMs: 10_000,
  }),
  'database.execute': call({
    params: object({ sql, values: optional(sqlValues) }),
    result: object({ changes: integer({ minimum: 0 }), last_insert_row_id: optional(integer()) }),
    deadlineMs: 10_000,
  }),
  /** With a key of the plugin's own. */
  'crypto.encrypt': call({
    params: object({ context: optional(text({ maxLength: 256 })) }),
    result: object({}),
    attachments: { params: 'the plain bytes', result: 'the sealed bytes' },
    deadlineMs: 5_000,
  }),
  'crypto.decrypt': call({
    params: object({ context: optional(text({ maxLength: 256 })) }),
    result: object({}),
    attachments: { params: 'the sealed bytes', result: 'the plain bytes' },
    deadlineMs: 5_000,
  }),
  /** To the plugin's own screens, nobody else's. */
  'events.emit': call({
    params: object({ name: text({ minLength: 1, maxLength: 128 }), payload: optional(json()) }),
    result: object({}),
    deadlineMs: 5_000,
  }),
  'events.on': call({
    params: object({ name: text({ minLength: 1, maxLength: 128 }) }),
    result: object({}),
    deadlineMs: 5_000,
  }),
  log: notification(
    object({
      level: word('debug', 'info', 'warn', 'error'),
      message: text({ maxLength: 8192 }),
      fields: optional(jsonObject()),
    }),
  ),
  notify: call({
    params: object({
      level: word('success', 'info', 'warning', 'error'),
      title: text({ minLength: 1, maxLength: 200 }),
      text: optional(text({ maxLength: 2000 })),
    }),
    result: object({}),
    deadlineMs: 5_000,
  }),
} as const;

export type HostMethodTable = typeof HOST_METHODS;
export type HostCall = CallName<HostMethodTable>;
export type HostNotification = NotificationName<HostMethodTable>;
export type HostParams<Name extends keyof HostMethodTable> = ParamsIn<HostMethodTable, Name>;
export type HostResult<Name extends keyof HostMethodTable> = ResultIn<HostMethodTable, Name>;
