declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A dialect: `anthropic`, `openai`, `responses`, `gemini`, or any registered one. An open set. */
export type ProtocolId = Branded<'ProtocolId'>;
/** A service that answers requests: a preset, one the person defined, a plugin. An open set. */
export type ProviderId = Branded<'ProviderId'>;
/** What opens an upstream: one API key or one login. */
export type CredentialId = Branded<'CredentialId'>;
export type ClientKeyId = Branded<'ClientKeyId'>;
export type RequestId = Branded<'RequestId'>;

/** Milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type EpochMs = number;

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

function parseId<Id extends string>(kind: string, text: string): Id {
  if (!ID_PATTERN.test(text)) {
    throw new TypeError(
      `${kind} ${JSON.stringify(text.slice(0, 40))} is not an id: use letters, digits, ".", "_", ":" or "-", at most 128.`,
    );
  }
  return text as Id;
}

export const parseProtocolId = (text: string): ProtocolId => parseId('Protocol', text);
export const parseProviderId = (text: string): ProviderId => parseId('Provider', text);
export const parseCredentialId = (text: string): CredentialId => parseId('Credential', text);
export const parseClientKeyId = (text: string): ClientKeyId => parseId('Client key', text);
export const parseRequestId = (text: string): RequestId => parseId('Request', text);
