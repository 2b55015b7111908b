import { type DecodedError, type ErrorKind, type HeaderReader, UpstreamError } from '@proxycast/spec';
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
    code: codeOf(fields, kind),
    message: fields.message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** An error inside an answer that had begun well, as the event a client is told it by. */
export function asUpstreamError(fields: ErrorFields): UpstreamError {
  return new UpstreamError(describeError(fields, ANSWER_STATUS, NO_HEADERS));
}

const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;

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

/** The API has no type for a conversation that does not fit; clients of other dialects act on this code. */
const CONTEXT_IS_FULL = ['prompt is too long', 'exceed context limit'];

function codeOf({ type, code, message }: ErrorFields, kind: ErrorKind): string {
  if (kind === 'invalid-request' && CONTEXT_IS_FULL.some((words) => message.includes(words))) {
    return 'context_length_exceeded';
  }
  return type ?? code ?? 'api_error';
}

function kindOf({ type, message }: ErrorFields, status: number): ErrorKind {
  if (ACCOUNT_IS_EMPTY.some((words) => message.includes(words))) return 'quota-exhausted';
  const known = type === undefined ? undefined : KINDS.get(type);
  if (known !== undefined) return known;
  if (status >= 400) return mapStatus(status);
  return type === 'invalid_request_error' ? 'invalid-request' : 'upstream-failed';
}
