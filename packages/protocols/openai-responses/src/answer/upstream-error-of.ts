import { type HeaderReader, UpstreamError } from '@proxycast/spec';
import { errorFieldsOf } from '@proxycast/wire';
import { describeError } from '../decode-error.ts';

/** An error inside an answer has no status of its own. */
const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;

/** The error that an event or a response describes, flat or nested; one without a word is an error all the same. */
export function upstreamErrorOf(value: unknown): UpstreamError {
  const fields = errorFieldsOf(value);
  if (fields === undefined) {
    return new UpstreamError({
      code: 'upstream_failed',
      message: 'The upstream gave up the answer without saying why. Try again.',
    });
  }
  return new UpstreamError(describeError(fields, ANSWER_STATUS, NO_HEADERS));
}
