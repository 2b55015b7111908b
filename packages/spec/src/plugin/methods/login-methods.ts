import {
  integer,
  jsonObject,
  list,
  literal,
  object,
  optional,
  text,
  type ValueOf,
  variants,
  word,
} from '../schema/json-schema.ts';
import { call } from './method.ts';
import { epochMs, newCredentialSchema } from './plugin-credential.ts';

/** Given by the host; names the login until it is done, failed or cancelled. */
const loginId = text({ minLength: 1, maxLength: 128 });

const doneSchema = object({ type: literal('done'), credential: newCredentialSchema });
const failedSchema = object({
  type: literal('failed'),
  code: text({ maxLength: 64 }),
  message: text({ maxLength: 2000 }),
});

const startedSchema = variants(
  object({
    type: literal('device_code'),
    user_code: text({ minLength: 1, maxLength: 64 }),
    verification_url: text({ minLength: 1, maxLength: 4000 }),
    /** With the code in it. */
    verification_url_complete: optional(text({ maxLength: 4000 })),
    interval_ms: integer({ minimum: 500, maximum: 300_000 }),
    expires_at: epochMs,
  }),
  object({
    type: literal('browser'),
    url: text({ minLength: 1, maxLength: 8000 }),
    /** How it may end: the browser comes back to `callback_url`, or a person pastes a code or the last address. */
    ends_by: list(word('callback', 'paste'), { minItems: 1, maxItems: 2 }),
    expires_at: epochMs,
  }),
  doneSchema,
  failedSchema,
);

const endedSchema = variants(doneSchema, failedSchema);

export const LOGIN_METHODS = {
  'login.start': call({
    params: object({
      login_id: loginId,
      auth_type: text({ maxLength: 128 }),
      form: optional(jsonObject()),
      /** Where the host listens for the browser; absent where it could not, or the auth type names no callback. */
      callback_url: optional(text({ maxLength: 1000 })),
    }),
    result: startedSchema,
    deadlineMs: 60_000,
  }),
  'login.poll': call({
    params: object({ login_id: loginId }),
    result: variants(
      object({ type: literal('pending'), retry_after_ms: integer({ minimum: 500, maximum: 300_000 }) }),
      doneSchema,
      failedSchema,
    ),
    deadlineMs: 60_000,
  }),
  'login.complete': call({
    params: object({
      login_id: loginId,
      /** The query the browser came back with, without `?`. */
      callback_query: optional(text({ maxLength: 16_000 })),
      /** What a person pasted: a code, or the address the browser ended at. */
      pasted: optional(text({ maxLength: 16_000 })),
    }),
    result: endedSchema,
    deadlineMs: 60_000,
  }),
  'login.cancel': call({ params: object({ login_id: loginId }), result: object({}), deadlineMs: 10_000 }),
} as const;

export type LoginStarted = ValueOf<typeof startedSchema>;
export type LoginPolled = ValueOf<(typeof LOGIN_METHODS)['login.poll']['result']>;
export type LoginEnded = ValueOf<typeof endedSchema>;
export type LoginStartParams = ValueOf<(typeof LOGIN_METHODS)['login.start']['params']>;
export type LoginCompleteParams = ValueOf<(typeof LOGIN_METHODS)['login.complete']['params']>;
