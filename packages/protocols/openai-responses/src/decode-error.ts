import type { DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import { type ErrorFields, mapStatus, type ResetHeader, readErrorFields, readRetryAfterMs } from '@proxycast/wire';
import { mapErrorCode } from './map-error-code.ts';

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

/** Compatible services say with a code for any wrong argument that a conversation does not fit. */
const CONTEXT_IS_FULL = ['context window', 'maximum context length', 'maximum prompt length'];

function codeOf({ code, type, message }: ErrorFields, kind: ErrorKind): string {
  if (kind === 'invalid-request' && CONTEXT_IS_FULL.some((words) => message.includes(words))) {
    return 'context_length_exceeded';
  }
  return code ?? type ?? 'upstream_error';
}

const RESETS: readonly ResetHeader[] = ['-requests', '-tokens'].map((limit) => ({
  reset: `x-ratelimit-reset${limit}`,
  remaining: `x-ratelimit-remaining${limit}`,
}));

function kindOf({ code, type, message }: ErrorFields, status: number): ErrorKind {
  const known =
    (code === undefined ? undefined : mapErrorCode(code)) ?? (type === undefined ? undefined : mapErrorCode(type));
  // Of its own failures the API says more by the status: 503 when it has too much to do.
  if (known === 'upstream-failed' && status >= 500) return mapStatus(status);
  if (known !== undefined) return known;
  // xAI refuses a key with status 400 and a code for any wrong argument.
  if (message.startsWith('Incorrect API key')) return 'authentication';
  const ownStatus = status >= 400 ? status : statusOf(code);
  if (ownStatus === undefined) return type === 'invalid_request_error' ? 'invalid-request' : 'upstream-failed';
  return mapStatus(ownStatus);
}

/** Several services write the HTTP status into `code`. */
function statusOf(code: string | undefined): number | undefined {
  const status = code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
  return status;
}
