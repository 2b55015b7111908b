import type { DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import { type ErrorFields, mapStatus, type ResetHeader, readErrorFields, readRetryAfterMs } from '@proxycast/wire';

export function decodeError(status: number, header: HeaderReader, body: string): DecodedError | undefined {
  const fields = readErrorFields(body);
  return fields === undefined ? undefined : describeError(fields, status, header);
}

/** `status` is 200 for an error inside an answer: then only the error's own words tell its kind. */
export function describeError(fields: ErrorFields, status: number, header: HeaderReader): DecodedError {
  const kind = kindOf(fields, status);
  const retryAfterMs = readRetryAfterMs(header, kind === 'rate-limited' ? RESETS : []);
  return {
    kind,
    code: fields.type ?? fields.code ?? 'api_error',
    message: fields.message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

const RESETS: readonly ResetHeader[] = ['requests', 'tokens', 'input-tokens', 'output-tokens', 'unified'].map(
  (limit) => ({
    reset: `anthropic-ratelimit-${limit}-reset`,
    remaining: `anthropic-ratelimit-${limit}-remaining`,
  }),
);

const KINDS: ReadonlyMap<string, ErrorKind> = new Map([
  ['authentication_error', 'authentication'],
  ['billing_error', 'quota-exhausted'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['request_too_large', 'too-large'],
  ['rate_limit_error', 'rate-limited'],
  ['timeout_error', 'timeout'],
  ['overloaded_error', 'overloaded'],
]);

/**
 * Two faults of the account come as `invalid_request_error` with status 400: a
 * prepaid balance that is used up, and a spending limit that was reached.
 */
const ACCOUNT_IS_EMPTY = ['credit balance is too low', 'specified API usage limits'];

function kindOf({ type, message }: ErrorFields, status: number): ErrorKind {
  if (ACCOUNT_IS_EMPTY.some((words) => message.includes(words))) return 'quota-exhausted';
  const known = type === undefined ? undefined : KINDS.get(type);
  if (known !== undefined) return known;
  if (status >= 400) return mapStatus(status);
  return type === 'invalid_request_error' ? 'invalid-request' : 'upstream-failed';
}
