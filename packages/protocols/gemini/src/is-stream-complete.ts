import type { AnswerExcerpt } from '@proxycast/spec';
import {
  countClosers,
  findLastJsonObject,
  isObject,
  type JsonObject,
  parseObject,
  readSseFramesBackwards,
} from '@proxycast/wire';

/**
 * A reason to stop ends a stream, and so does a blocked prompt or an error: then it ended badly, but not silently. No
 * terminator follows either.
 */
export function isStreamComplete({ framing, tail, isWhole }: AnswerExcerpt): boolean {
  if (framing === 'whole') return /[}\]]\s*$/.test(tail.slice(-64));
  // An array that has not closed is no JSON, whatever its last element says.
  if (framing === 'json-array') return tail.trimEnd().endsWith(']') && endsWithReason(tail, 1);
  for (const { data } of readSseFramesBackwards(tail, !isWhole)) {
    const chunk = parseObject(data);
    if (chunk === undefined) continue;
    if (hasReason(chunk)) return true;
    if (Array.isArray(chunk.candidates) && chunk.candidates.length > 0) return false;
  }
  // A chunk with an image is larger than what is kept of a stream, and its reason to stop stands behind the image.
  return !isWhole && endsWithReason(tail, 0);
}

function hasReason({ candidates, promptFeedback, error }: JsonObject): boolean {
  if (isObject(error)) return true;
  if (isObject(promptFeedback) && isReason(promptFeedback.blockReason)) return true;
  return (
    Array.isArray(candidates) && candidates.some((candidate) => isObject(candidate) && isReason(candidate.finishReason))
  );
}

/** Some servers write the enumeration as a number, in which 0 stands for none. */
const isReason = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '' && !value.endsWith('_UNSPECIFIED')) ||
  (typeof value === 'number' && value > 0);

/** How many brackets close behind a candidate's reason, a blocked prompt's and an error. */
const CANDIDATE_DEPTH = 3;
const FEEDBACK_DEPTH = 2;
const ERROR_DEPTH = 1;

/**
 * The same for a text that begins anywhere: the names count only at the depth where the dialect has them, since the
 * arguments of a call are JSON too and may use any name.
 */
function endsWithReason(text: string, outerDepth: number): boolean {
  const isError = (_error: JsonObject, end: number): true | undefined =>
    countClosers(text, end) === outerDepth + ERROR_DEPTH ? true : undefined;
  return (
    hasReasonAt(text, 'finishReason', outerDepth + CANDIDATE_DEPTH) ||
    hasReasonAt(text, 'blockReason', outerDepth + FEEDBACK_DEPTH) ||
    findLastJsonObject(text, 'error', isError) === true
  );
}

// Bounds the work on a text that names the key over and over.
const MAX_CANDIDATES = 8;

function hasReasonAt(text: string, key: string, depth: number): boolean {
  const needle = `"${key}"`;
  let at = text.lastIndexOf(needle);
  for (let candidates = 0; at >= 0 && candidates < MAX_CANDIDATES; candidates++) {
    const value = /^\s{0,8}:\s{0,8}("[A-Z_]+"|\d+)/.exec(text.slice(at + needle.length, at + needle.length + 80));
    if (value !== null && text[at - 1] !== '\\' && isReason(JSON.parse(value[1] ?? '0'))) {
      if (countClosers(text, at + needle.length + value[0].length) === depth) return true;
    }
    at = at === 0 ? -1 : text.lastIndexOf(needle, at - 1);
  }
  return false;
}
