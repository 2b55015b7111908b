import type { DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import {
  type ErrorFields,
  isObject,
  type JsonObject,
  mapStatus,
  parseDurationMs,
  readErrorFields,
  readRetryAfterMs,
  textOf,
} from '@proxycast/wire';

export function decodeError(status: number, header: HeaderReader, body: string): DecodedError | undefined {
  const fields = readErrorFields(body);
  return fields === undefined ? undefined : describeError(fields, status, header);
}

/** `status` is 200 for an error inside an answer: then only the error's own words tell its kind. */
export function describeError(fields: ErrorFields, status: number, header: HeaderReader): DecodedError {
  const details = Array.isArray(fields.error.details) ? fields.error.details.filter(isObject) : [];
  const reason = details.map((detail) => textOf(detail.reason)).find((text) => text !== undefined);
  const retryAfterMs = readRetryDelayMs(details) ?? readRetryAfterMs(header);
  const canonical = textOf(fields.error.status);
  return {
    kind: kindOf(fields, reason, canonical, details, status),
    code: (reason ?? canonical ?? fields.code ?? fields.type ?? 'UNKNOWN').slice(0, MAX_NAME_CHARACTERS),
    message: fields.message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

const MAX_NAME_CHARACTERS = 256;

/** Reasons of `ErrorInfo` that say more than the status: a wrong key comes as INVALID_ARGUMENT with status 400. */
const REASONS: ReadonlyMap<string, ErrorKind> = new Map([
  ['API_KEY_INVALID', 'authentication'],
  ['API_KEY_EXPIRED', 'authentication'],
  ['ACCESS_TOKEN_EXPIRED', 'authentication'],
  ['BILLING_DISABLED', 'quota-exhausted'],
]);

const STATUSES: ReadonlyMap<string, ErrorKind> = new Map([
  ['INVALID_ARGUMENT', 'invalid-request'],
  ['FAILED_PRECONDITION', 'invalid-request'],
  ['OUT_OF_RANGE', 'invalid-request'],
  ['UNAUTHENTICATED', 'authentication'],
  ['PERMISSION_DENIED', 'permission'],
  ['NOT_FOUND', 'not-found'],
  ['ABORTED', 'conflict'],
  ['ALREADY_EXISTS', 'conflict'],
  ['RESOURCE_EXHAUSTED', 'rate-limited'],
  ['INTERNAL', 'upstream-failed'],
  ['UNKNOWN', 'upstream-failed'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
]);

function kindOf(
  { message, code }: ErrorFields,
  reason: string | undefined,
  canonical: string | undefined,
  details: readonly JsonObject[],
  status: number,
): ErrorKind {
  const known = reason === undefined ? undefined : REASONS.get(reason);
  if (known !== undefined) return known;
  // Where the account may be used, not what was asked, although the status is one for requests.
  if (canonical === 'FAILED_PRECONDITION' && /location is not supported|not available in your country/.test(message)) {
    return 'permission';
  }
  // A limit per minute is over in a minute; one per day is a quota.
  if (canonical === 'RESOURCE_EXHAUSTED' && quotaIdsOf(details).some((id) => id.includes('PerDay')))
    return 'quota-exhausted';
  const byName = canonical === undefined ? undefined : STATUSES.get(canonical);
  if (byName !== undefined) return byName;
  return mapStatus(status >= 400 || code === undefined || !/^[45]\d\d$/.test(code) ? status : Number(code));
}

function quotaIdsOf(details: readonly JsonObject[]): readonly string[] {
  return details
    .flatMap(({ violations }): readonly unknown[] => (Array.isArray(violations) ? violations : []))
    .map((violation) => (isObject(violation) ? textOf(violation.quotaId) : undefined))
    .filter((id) => id !== undefined);
}

/** `RetryInfo` in place of a header: `"retryDelay": "48s"`. */
function readRetryDelayMs(details: readonly JsonObject[]): number | undefined {
  const delay = details.map((detail) => textOf(detail.retryDelay)).find((text) => text !== undefined);
  return delay === undefined ? undefined : parseDurationMs(delay);
}
