import type { AnswerFraming, DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import { mapStatus, parseObject, readRetryAfterMs, textOf } from '@proxycast/wire';

/** Exception names, with and without `Exception`, in either case (API reference of Converse, 2026-11). */
const KINDS: Readonly<Record<string, ErrorKind>> = {
  accessdenied: 'permission',
  unrecognizedclient: 'authentication',
  invalidsignature: 'authentication',
  missingauthenticationtoken: 'authentication',
  expiredtoken: 'authentication',
  resourcenotfound: 'not-found',
  throttling: 'rate-limited',
  servicequotaexceeded: 'quota-exhausted',
  validation: 'invalid-request',
  modeltimeout: 'timeout',
  modelnotready: 'overloaded',
  serviceunavailable: 'overloaded',
  internalserver: 'upstream-failed',
  modelerror: 'upstream-failed',
  modelstreamerror: 'upstream-failed',
};

export function kindOfException(name: string): ErrorKind | undefined {
  return KINDS[
    name
      .replace(/^.*#/, '')
      .replace(/:.*$/, '')
      .replace(/Exception$/i, '')
      .toLowerCase()
  ];
}

/** `{"message": …}` with the exception's name in `x-amzn-errortype` or `__type`. */
export function decodeError(status: number, header: HeaderReader, body: string): DecodedError | undefined {
  const value = parseObject(body);
  const message = textOf(value?.['message']) ?? textOf(value?.['Message']);
  if (value === undefined || message === undefined) return undefined;
  const name = header('x-amzn-errortype') ?? textOf(value['__type']) ?? '';
  const code = name.replace(/^.*#/, '').replace(/:.*$/, '');
  const hint = readRetryAfterMs(header);
  if (isNotCounted(message)) return { kind: 'invalid-request', code: 'count_not_supported', message };
  return {
    kind: isBadKey(message) ? 'authentication' : (kindOfException(name) ?? mapStatus(status)),
    code: code === '' ? `upstream_status_${status}` : code,
    message,
    ...(hint === undefined ? {} : { retryAfterMs: hint }),
  };
}

/** A wrong API key comes under the name of a missing permission. */
const isBadKey = (message: string): boolean => message.startsWith('Authentication failed');

/** Only some models can be counted; the others are refused as if the request were wrong (seen 2026-11). */
const isNotCounted = (message: string): boolean => message.includes("doesn't support counting tokens");

/** A whole answer without its message is an error that came with status 200. Streams carry theirs as exception frames. */
export function findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (framing !== 'whole') return undefined;
  const value = parseObject(text);
  const message = textOf(value?.['message']);
  if (value === undefined || message === undefined || value['output'] !== undefined) return undefined;
  return { kind: 'upstream-failed', code: textOf(value['__type']) ?? 'upstream_error', message };
}
