import {
  flag,
  integer,
  json,
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
import { CREDENTIAL_METHODS } from './credential-methods.ts';
import { LOGIN_METHODS } from './login-methods.ts';
import { type CallName, call, type NotificationName, notification, type ParamsIn, type ResultIn } from './method.ts';
import { pluginCredentialSchema } from './plugin-credential.ts';
import { REQUEST_METHODS } from './request-methods.ts';

const listedModelSchema = object({
  id: text({ minLength: 1, maxLength: 512 }),
  display_name: optional(text({ maxLength: 200 })),
  context_tokens: optional(integer({ minimum: 1 })),
  max_output_tokens: optional(integer({ minimum: 1 })),
  /** Milliseconds since 1970. */
  created_at: optional(integer({ minimum: 0 })),
});

const initializeResultSchema = object({
  contract_version: integer({ minimum: 1 }),
  /** As in the manifest: the host compares. Absent where the plugin is no provider. */
  provider_id: optional(text({ maxLength: 128 })),
  /** The methods it has. One that is missing is a capability that is missing. */
  methods: list(text({ maxLength: 64 }), { maxItems: 100 }),
  request: optional(
    object({
      /** `rpc`: the body travels with every `request.prepare`. Absent or `none`: it never does. */
      transform: optional(word('none', 'rpc')),
      /** Of `rpc`: globs of the models whose bodies travel. Absent: all. */
      transform_models: optional(list(text({ minLength: 1, maxLength: 200 }), { maxItems: 200 })),
      /** No lease: each request is asked for. */
      sign_each: optional(flag()),
    }),
  ),
});

const hookTarget = {
  request_id: text({ maxLength: 128 }),
  client_key_id: text({ maxLength: 128 }),
  operation: text({ maxLength: 64 }),
  protocol: text({ maxLength: 128 }),
  model: text({ maxLength: 512 }),
};

const hookAnswer = variants(
  object({ type: literal('unchanged') }),
  /** The attachment is what goes on. */
  object({ type: literal('changed') }),
  object({
    type: literal('stopped'),
    code: text({ minLength: 1, maxLength: 64 }),
    message: text({ maxLength: 4000 }),
  }),
);

/** Host → plugin. */
export const PLUGIN_METHODS = {
  initialize: call({
    params: object({
      contract_version: integer({ minimum: 1 }),
      host_version: text({ maxLength: 64 }),
      /** For example `en` or `zh-CN`. */
      locale: text({ maxLength: 35 }),
      settings: jsonObject(),
      platform: text({ maxLength: 32 }),
    }),
    result: initializeResultSchema,
    deadlineMs: 5_000,
  }),
  /** Is it alive? Answered at once, whatever else runs. */
  ping: call({ params: object({}), result: object({}), deadlineMs: 5_000 }),
  ...CREDENTIAL_METHODS,
  ...LOGIN_METHODS,
  'models.list': call({
    params: object({ credential: optional(pluginCredentialSchema) }),
    result: object({ models: list(listedModelSchema, { maxItems: 5_000 }) }),
    deadlineMs: 30_000,
  }),
  ...REQUEST_METHODS,
  'hook.request': call({
    params: object(hookTarget),
    result: hookAnswer,
    attachments: { params: 'the body', result: 'the body that goes on' },
    deadlineMs: 2_000,
  }),
  'hook.response': call({
    params: object({ ...hookTarget, status: integer({ minimum: 100, maximum: 599 }) }),
    result: hookAnswer,
    attachments: { params: 'the whole answer', result: 'the answer that goes on' },
    deadlineMs: 2_000,
  }),
  'hook.events': call({
    params: object({ ...hookTarget, stream_id: text({ maxLength: 128 }), final: flag() }),
    result: hookAnswer,
    attachments: { params: 'a JSON array of events', result: 'a JSON array of events' },
    deadlineMs: 2_000,
  }),
  'hook.error': notification(object({ ...hookTarget, code: text({ maxLength: 64 }), fault: text({ maxLength: 32 }) })),
  'config.update': call({ params: object({ settings: jsonObject() }), result: object({}), deadlineMs: 5_000 }),
  /** Finish and end: the process is ended by the host soon after. */
  shutdown: call({ params: object({}), result: object({}), deadlineMs: 3_000 }),
  /** From the plugin's own screen, where `events.on` asked for it. */
  'events.event': notification(object({ name: text({ minLength: 1, maxLength: 128 }), payload: optional(json()) })),
  /** A watched file has another content, or came, or went. */
  'files.changed': notification(object({ watch_id: integer({ minimum: 1 }) })),
} as const;

export type PluginMethodTable = typeof PLUGIN_METHODS;
export type PluginCall = CallName<PluginMethodTable>;
export type PluginNotification = NotificationName<PluginMethodTable>;
export type PluginParams<Name extends keyof PluginMethodTable> = ParamsIn<PluginMethodTable, Name>;
export type PluginResult<Name extends keyof PluginMethodTable> = ResultIn<PluginMethodTable, Name>;
export type InitializeResult = ValueOf<typeof initializeResultSchema>;
export type PluginListedModel = ValueOf<typeof listedModelSchema>;
export type HookAnswer = ValueOf<typeof hookAnswer>;
