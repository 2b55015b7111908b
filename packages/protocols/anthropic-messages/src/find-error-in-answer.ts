import type { AnswerFraming, DecodedError, HeaderReader } from '@proxycast/spec';
import { errorFieldsOf, isObject, type JsonObject, parseObject, readSseFrames } from '@proxycast/wire';
import { describeError } from './decode-error.ts';

const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;
/** A longer body is an answer: looking through it to make sure would cost what passing it untouched saves. */
const MAX_ERROR_BODY_CHARACTERS = 64 * 1024;

export function findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (framing !== 'sse' && text.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  if (!text.includes('"error"') && !text.includes('event: error')) return undefined;
  // Asked for a stream, some servers answer an error as plain JSON.
  const isWhole = framing !== 'sse' || text.trimStart().startsWith('{');
  return isWhole ? findInBody(text) : findInFrames(text);
}

function findInBody(text: string): DecodedError | undefined {
  const body = parseObject(text);
  return body !== undefined && isError(body) ? describe(body) : undefined;
}

/** Looks no further than the first frame that gives the client something to read. */
function findInFrames(text: string): DecodedError | undefined {
  for (const { event, data } of readSseFrames(text)) {
    const value = parseObject(data);
    if (value === undefined) return undefined;
    if (event === 'error' || isError(value)) return describe(value);
    if (value.type !== 'ping' && value.type !== 'message_start') return undefined;
  }
  return undefined;
}

const isError = (value: JsonObject): boolean => value.type === 'error' || isObject(value.error);

function describe(value: JsonObject): DecodedError | undefined {
  const fields = errorFieldsOf(value);
  return fields === undefined ? undefined : describeError(fields, ANSWER_STATUS, NO_HEADERS);
}
