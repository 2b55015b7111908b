import type { AnswerFraming, DecodedError, HeaderReader } from '@proxycast/spec';
import { errorFieldsOf, isObject, parseJson, readSseFrames } from '@proxycast/wire';
import { describeError } from './decode-error.ts';

const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;
/** A longer body is an answer: looking through it to make sure would cost what passing it untouched saves. */
const MAX_ERROR_BODY_CHARACTERS = 64 * 1024;

/** Every answer of the dialect says something from its first unit on, so an error can only be that one. */
export function findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (framing !== 'sse' && text.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  if (!text.includes('"error"')) return undefined;
  const isJson = framing !== 'sse' || /^\s*[{[]/.test(text.slice(0, 16));
  const first: unknown = isJson ? firstOfJson(text.trim()) : firstOfFrames(text);
  if (!isObject(first) || !isObject(first.error) || first.candidates !== undefined) return undefined;
  const fields = errorFieldsOf(first);
  return fields === undefined ? undefined : describeError(fields, ANSWER_STATUS, NO_HEADERS);
}

function firstOfJson(text: string): unknown {
  // An array whose only element has arrived has not closed yet.
  const value = parseJson(text) ?? (text.startsWith('[') ? parseJson(`${text}]`) : undefined);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return first;
}

function firstOfFrames(text: string): unknown {
  const [first] = readSseFrames(text);
  return first === undefined ? undefined : parseJson(first.data);
}
