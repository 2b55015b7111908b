import type { AnswerFraming, DecodedError, HeaderReader } from '@proxycast/spec';
import { errorFieldsOf, isObject, type JsonObject, parseObject, readSseFrames, textOf } from '@proxycast/wire';
import { describeError } from './decode-error.ts';

const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;
/** A longer body is an answer: looking through it to make sure would cost what passing it untouched saves. */
const MAX_ERROR_BODY_CHARACTERS = 64 * 1024;

/** A response that failed is an answer, which clients read as one; only what is no response at all is an error. */
export function findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (framing !== 'sse' && text.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  if (!text.includes('"error"') && !text.includes('event: error')) return undefined;
  // Asked for a stream, some servers answer an error as plain JSON.
  const isWhole = framing !== 'sse' || text.trimStart().startsWith('{');
  return isWhole ? findInBody(text) : findInFrames(text);
}

function findInBody(text: string): DecodedError | undefined {
  const body = parseObject(text);
  return body !== undefined && body.object !== 'response' && isError(body) ? describe(body) : undefined;
}

/** The events before the first that gives the client something to read. */
const BEGINNINGS: ReadonlySet<unknown> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'keepalive',
  'ping',
]);

function findInFrames(text: string): DecodedError | undefined {
  for (const { event, data } of readSseFrames(text)) {
    const value = parseObject(data);
    if (value === undefined) return undefined;
    if (event === 'error' || isError(value)) return describe(value);
    if (!BEGINNINGS.has(value.type)) return undefined;
  }
  return undefined;
}

const isError = ({ type, error }: JsonObject): boolean =>
  type === 'error' || isObject(error) || textOf(error) !== undefined;

function describe(value: JsonObject): DecodedError | undefined {
  const fields = errorFieldsOf(value);
  return fields === undefined ? undefined : describeError(fields, ANSWER_STATUS, NO_HEADERS);
}
