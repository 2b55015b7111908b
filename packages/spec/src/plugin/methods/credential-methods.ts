import {
  flag,
  integer,
  jsonObject,
  list,
  literal,
  number,
  object,
  optional,
  text,
  type ValueOf,
  variants,
  word,
} from '../schema/json-schema.ts';
import { call } from './method.ts';
import {
  credentialConditionSchema,
  epochMs,
  identitySchema,
  newCredentialSchema,
  pluginCredentialSchema,
} from './plugin-credential.ts';

const refusalSchema = object({
  type: literal('refused'),
  faults: list(object({ field: optional(text({ maxLength: 256 })), message: text({ maxLength: 2000 }) }), {
    minItems: 1,
    maxItems: 50,
  }),
});

const parsedSchema = object({
  type: literal('parsed'),
  credential: newCredentialSchema,
  warnings: optional(list(text({ maxLength: 2000 }), { maxItems: 20 })),
});

const candidateSchema = variants(
  object({ type: literal('usable'), source: text({ maxLength: 1000 }), credential: newCredentialSchema }),
  object({ type: literal('unusable'), source: text({ maxLength: 1000 }), reason: text({ maxLength: 2000 }) }),
);

const refreshResultSchema = variants(
  object({
    type: literal('refreshed'),
    /** All fields, the unchanged ones too: they take the place of the old ones. */
    data: jsonObject(),
    expires_at: optional(epochMs),
    identity: optional(identitySchema),
  }),
  object({
    type: literal('failed'),
    code: text({ maxLength: 64 }),
    message: text({ maxLength: 2000 }),
    /** Absent: try again later, with the token that is still there. */
    condition: optional(credentialConditionSchema),
    retry_after_ms: optional(integer({ minimum: 0 })),
  }),
);

const quotaWindowSchema = object({
  /** For people, for example `Credits` or `5 hours`. */
  name: text({ minLength: 1, maxLength: 200 }),
  used: optional(number({ minimum: 0 })),
  limit: optional(number({ minimum: 0 })),
  /** 0 to 1, where the service says only this. */
  remaining_fraction: optional(number({ minimum: 0, maximum: 1 })),
  unit: optional(text({ maxLength: 64 })),
  resets_at: optional(epochMs),
  /** The models it is for; absent means all. */
  models: optional(list(text({ maxLength: 200 }), { maxItems: 200 })),
});

export const CREDENTIAL_METHODS = {
  'credential.parse': call({
    params: object({
      auth_type: text({ maxLength: 128 }),
      form: optional(jsonObject()),
      /** A file that a person chose; its bytes are the attachment. */
      file: optional(object({ name: text({ maxLength: 512 }) })),
    }),
    result: variants(parsedSchema, refusalSchema),
    attachments: { params: 'the bytes of the file' },
    deadlineMs: 30_000,
  }),
  'credential.scan': call({
    params: object({}),
    result: object({ candidates: list(candidateSchema, { maxItems: 100 }) }),
    deadlineMs: 30_000,
  }),
  'credential.validate': call({
    params: object({ credential: pluginCredentialSchema }),
    result: variants(
      object({ type: literal('valid'), identity: optional(identitySchema), expires_at: optional(epochMs) }),
      object({
        type: literal('invalid'),
        message: text({ maxLength: 2000 }),
        condition: optional(credentialConditionSchema),
      }),
    ),
    deadlineMs: 30_000,
  }),
  'credential.refresh': call({
    params: object({
      credential: pluginCredentialSchema,
      reason: word('expiry', 'rejected', 'person'),
    }),
    result: refreshResultSchema,
    deadlineMs: 60_000,
  }),
  'credential.usage': call({
    params: object({ credential: pluginCredentialSchema }),
    result: object({
      windows: list(quotaWindowSchema, { maxItems: 100 }),
      plan: optional(text({ maxLength: 200 })),
      /** More than the limit is possible and paid for. */
      overage: optional(flag()),
    }),
    deadlineMs: 30_000,
  }),
} as const;

export type CredentialParseResult = ValueOf<(typeof CREDENTIAL_METHODS)['credential.parse']['result']>;
export type CredentialCandidate = ValueOf<typeof candidateSchema>;
export type CredentialRefreshResult = ValueOf<typeof refreshResultSchema>;
export type CredentialUsage = ValueOf<(typeof CREDENTIAL_METHODS)['credential.usage']['result']>;
export type QuotaWindow = ValueOf<typeof quotaWindowSchema>;
export type CredentialValidateResult = ValueOf<(typeof CREDENTIAL_METHODS)['credential.validate']['result']>;
