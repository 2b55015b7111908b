import type { AnswerFraming, DecodedError, ErrorKind, HeaderReader } from '@proxycast/spec';
import {
  errorFieldsOf,
  findLastJsonObject,
  isObject,
  type JsonObject,
  parseJson,
  parseObject,
  readSseFrames,
  textOf,
} from '@proxycast/wire';
import { describeError } from './decode-error.ts';
import { findSparkError } from './find-spark-error.ts';

const ANSWER_STATUS = 200;
const NO_HEADERS: HeaderReader = () => undefined;
/** A longer body is an answer: looking through it to make sure would cost what passing it untouched saves. */
const MAX_ERROR_BODY_CHARACTERS = 64 * 1024;

/** Every answer passes here: one look costs a seventh of a search for each of the words (Node 26, a body of 1 KB). */
const SIGNS = /"base_resp"|"error"|event: error/;

export function findErrorInAnswer(text: string, framing: AnswerFraming): DecodedError | undefined {
  if (framing !== 'sse' && text.length > MAX_ERROR_BODY_CHARACTERS) return undefined;
  const spark = findSparkError(text, framing);
  if (spark !== undefined) return spark;
  if (!SIGNS.test(text)) return undefined;
  const minimax = text.includes('"base_resp"') ? findMinimaxError(text) : undefined;
  if (minimax !== undefined) return minimax;
  // Asked for a stream, some servers answer an error as plain JSON.
  const isWhole = framing !== 'sse' || /^\s*[{[]/.test(text.slice(0, 16));
  return isWhole ? findInBody(text) : findInFrames(text);
}

function findInBody(text: string): DecodedError | undefined {
  const parsed = parseJson(text);
  // Gemini's endpoint of this dialect wraps an error in an array.
  const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  return isObject(body) && hasError(body) && !hasItems(body.choices) ? describe(body) : undefined;
}

/** Looks no further than the first frame that gives the client something to read. */
function findInFrames(text: string): DecodedError | undefined {
  for (const { event, data } of readSseFrames(text)) {
    const value = parseObject(data);
    if (value === undefined) return undefined;
    if (event === 'error' || hasError(value)) return describe(value);
    if (!Array.isArray(value.choices) || value.choices.some(saysSomething)) return undefined;
  }
  return undefined;
}

const hasError = ({ error }: JsonObject): boolean => isObject(error) || textOf(error) !== undefined;
const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** The first chunk often names only the role, and Azure's has no choice at all. */
function saysSomething(choice: unknown): boolean {
  if (!isObject(choice)) return false;
  const { delta } = choice;
  if (textOf(choice.finish_reason) !== undefined || !isObject(delta)) return true;
  return Object.entries(delta).some(
    ([name, value]) => name !== 'role' && value !== null && value !== '' && hasContent(value),
  );
}

const hasContent = (value: unknown): boolean => !Array.isArray(value) || value.length > 0;

function describe(value: JsonObject): DecodedError | undefined {
  const fields = errorFieldsOf(value);
  return fields === undefined ? undefined : describeError(fields, ANSWER_STATUS, NO_HEADERS);
}

/** MiniMax answers every error with status 200 and its own code beside. */
const MINIMAX_KINDS: ReadonlyMap<number, ErrorKind> = new Map([
  [1001, 'timeout'],
  [1002, 'rate-limited'],
  [1004, 'authentication'],
  [1008, 'quota-exhausted'],
  [1026, 'invalid-request'],
  [1027, 'invalid-request'],
  [1039, 'rate-limited'],
  [1042, 'invalid-request'],
  [2013, 'invalid-request'],
  [2049, 'authentication'],
]);

const findMinimaxError = (text: string): DecodedError | undefined =>
  findLastJsonObject(text, 'base_resp', decodeBaseResponse);

/** `base_resp` of an answer of MiniMax; `undefined` when it says that all is well. */
export function decodeBaseResponse({ status_code: code, status_msg: message }: JsonObject): DecodedError | undefined {
  if (typeof code !== 'number' || code === 0) return undefined;
  return {
    kind: MINIMAX_KINDS.get(code) ?? 'upstream-failed',
    code: String(code),
    message: textOf(message) ?? String(code),
  };
}
