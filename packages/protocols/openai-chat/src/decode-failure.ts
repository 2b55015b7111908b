import { type DecodedError, UpstreamError } from '@proxycast/spec';
import { errorFieldsOf, isObject, type JsonObject, textOf } from '@proxycast/wire';
import { describeError } from './decode-error.ts';
import { decodeBaseResponse } from './find-error-in-answer.ts';

const ANSWER_STATUS = 200;

export const upstreamError = ({ kind, code, message, retryAfterMs }: DecodedError): UpstreamError =>
  new UpstreamError({ kind, code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** The error a body or a frame says it is; `undefined` for an answer. */
export function decodeFailure(value: JsonObject): UpstreamError | undefined {
  const { error, base_resp: minimax } = value;
  if (isObject(error) || textOf(error) !== undefined) return describeFailure(value);
  const decoded = isObject(minimax) ? decodeBaseResponse(minimax) : undefined;
  return decoded === undefined ? undefined : upstreamError(decoded);
}

/** The error of a frame or body that is known to be one. */
export function describeFailure(value: unknown): UpstreamError {
  const fields = errorFieldsOf(value);
  if (fields !== undefined) return upstreamError(describeError(fields, ANSWER_STATUS, () => undefined));
  return new UpstreamError({ code: 'upstream_error', message: 'The upstream reported an error without saying which.' });
}
