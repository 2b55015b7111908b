import type { DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import {
  type ErrorFields,
  isObject,
  mapStatus,
  type ResetHeader,
  readErrorFields,
  readRetryAfterMs,
  textOf,
} from '@proxycast/wire';
import { isContextFull } from './is-context-full.ts';
import { mapErrorCode } from './map-error-code.ts';

export function decodeError(status: number, header: HeaderReader, body: string): DecodedError | undefined {
  const fields = readErrorFields(body);
  return fields === undefined ? undefined : describeError(fields, status, header);
}

/** `status` is 200 for an error inside an answer: then only the error's own words tell its kind. */
export function describeError(fields: ErrorFields, status: number, header: HeaderReader): DecodedError {
  const kind = kindOf(fields, status);
  const retryAfterMs = readRetryAfterMs(header, kind === 'rate-limited' ? RESETS : []);
  const message = messageOf(fields);
  const isTooLong = (kind === 'invalid-request' || kind === 'too-large') && isContextFull(fields.code, message);
  return {
    kind: isTooLong ? 'invalid-request' : kind,
    code: isTooLong ? CONTEXT_FULL : (fields.code ?? fields.type ?? 'upstream_error'),
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** OpenAI's own code, by which clients of every dialect are told in their words. */
const CONTEXT_FULL = 'context_length_exceeded';

/** The second form is OpenRouter's and counts in epoch milliseconds. */
const RESETS: readonly ResetHeader[] = ['-requests', '-tokens', ''].map((limit) => ({
  reset: `x-ratelimit-reset${limit}`,
  remaining: `x-ratelimit-remaining${limit}`,
}));

function kindOf({ code, type, message, error }: ErrorFields, status: number): ErrorKind {
  const known =
    (code === undefined ? undefined : mapErrorCode(code)) ?? (type === undefined ? undefined : mapErrorCode(type));
  if (known !== undefined) return known;
  // xAI refuses a key with status 400 and a code for any wrong argument.
  if (message.startsWith('Incorrect API key')) return 'authentication';
  const ownStatus = status >= 400 ? status : statusOf(code);
  if (ownStatus === undefined) return type === 'invalid_request_error' ? 'invalid-request' : 'upstream-failed';
  // OpenRouter's 403 for a prompt its moderation flagged is no fault of the key.
  if (ownStatus === 403 && isObject(error.metadata) && Array.isArray(error.metadata.reasons)) return 'invalid-request';
  return mapStatus(ownStatus);
}

/** Several services write the HTTP status into `code`. */
function statusOf(code: string | undefined): number | undefined {
  const status = code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
  return status;
}

/** OpenRouter's own message is only "Provider returned error"; what the provider said is beside it. */
function messageOf({ message, error }: ErrorFields): string {
  const raw = isObject(error.metadata) ? textOf(error.metadata.raw) : undefined;
  return raw === undefined ? message : `${message}: ${raw.slice(0, MAX_RAW_CHARACTERS).toWellFormed()}`;
}

const MAX_RAW_CHARACTERS = 2048;
