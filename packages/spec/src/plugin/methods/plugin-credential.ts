import { integer, jsonObject, literal, object, optional, text, type ValueOf, variants } from '../schema/json-schema.ts';

/** Milliseconds since 1970. */
export const epochMs = integer({ minimum: 0 });
/** Whose login it is, for people. */
export const identitySchema = object({
  /** An e-mail, a user name or an account number. */
  account: optional(text({ maxLength: 320 })),
  plan: optional(text({ maxLength: 200 })),
  /** What the list of credentials shows; absent means the account. */
  label: optional(text({ maxLength: 320 })),
});

/** A credential as the plugin sees it. `data` are the fields it made itself, secrets included; the host keeps them encrypted. */
export const pluginCredentialSchema = object({
  id: text({ minLength: 1, maxLength: 128 }),
  auth_type: text({ minLength: 1, maxLength: 128 }),
  data: jsonObject(),
  expires_at: optional(epochMs),
});

/** A credential that has no id yet. */
export const newCredentialSchema = object({
  auth_type: text({ minLength: 1, maxLength: 128 }),
  data: jsonObject(),
  /** When the access token ends; absent means never, or not known. */
  expires_at: optional(epochMs),
  identity: optional(identitySchema),
});

/** What the plugin says a credential has become. */
export const credentialConditionSchema = variants(
  object({ type: literal('active') }),
  /** Its token was refused: refresh it, then try it again once. */
  object({ type: literal('refresh') }),
  /** Only a person can help. */
  object({ type: literal('needs_login'), reason: text({ maxLength: 2000 }) }),
  object({ type: literal('disabled'), reason: text({ maxLength: 2000 }) }),
  /** By the vendor, in its own words. Permanent: nothing tries it again by itself. */
  object({ type: literal('suspended'), words: text({ maxLength: 4000 }), source: optional(text({ maxLength: 2000 })) }),
);

export type PluginCredential = ValueOf<typeof pluginCredentialSchema>;
export type NewPluginCredential = ValueOf<typeof newCredentialSchema>;
export type PluginIdentity = ValueOf<typeof identitySchema>;
export type CredentialCondition = ValueOf<typeof credentialConditionSchema>;
