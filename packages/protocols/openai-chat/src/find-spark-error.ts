import type { AnswerFraming, DecodedError, ErrorKind } from '@proxycast/spec';
import { parseObject, readSseFrames, textOf } from '@proxycast/wire';

/** Spark's own codes (its HTTP reference, seen 2026-11); others are the service's failures. */
const KINDS: ReadonlyMap<number, ErrorKind> = new Map([
  [10007, 'rate-limited'],
  [10012, 'upstream-failed'],
  [10013, 'invalid-request'],
  [10014, 'invalid-request'],
  [10019, 'invalid-request'],
  [10163, 'invalid-request'],
  [10907, 'invalid-request'],
  [11200, 'quota-exhausted'],
  [11201, 'quota-exhausted'],
  [11202, 'rate-limited'],
  [11203, 'rate-limited'],
]);

/** Spark's answers begin with their code, of which anything but 0 is an error: status 200 all the same. */
const BEGINNING = /^\s*(?:data:\s*)?\{\s*"code"\s*:/;
const BEGINNING_CHARACTERS = 64;

/** `{"code": 11200, "message": …, "sid": …}` with status 200; `undefined` for an answer, or where it is none of Spark's. */
export function findSparkError(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (!BEGINNING.test(text.slice(0, BEGINNING_CHARACTERS))) return undefined;
  const [frame] = framing === 'sse' && !text.trimStart().startsWith('{') ? readSseFrames(text) : [];
  const value = parseObject(frame?.data ?? text);
  const code = value?.['code'];
  const message = textOf(value?.['message']);
  if (typeof code !== 'number' || code === 0 || message === undefined || value?.['choices'] !== undefined)
    return undefined;
  // The service says "licc" and "AppIdNoAuthError" of keys it does not know.
  const kind = /noauth|invalid (?:user|key|appid)|apikey/i.test(message) ? 'authentication' : KINDS.get(code);
  return { kind: kind ?? 'upstream-failed', code: String(code), message };
}
