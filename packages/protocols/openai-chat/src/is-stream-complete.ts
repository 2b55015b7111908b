import type { AnswerExcerpt } from '@proxycast/spec';
import {
  countOf,
  findLastJsonObject,
  isObject,
  type JsonObject,
  parseObject,
  readSseFramesBackwards,
  textOf,
} from '@proxycast/wire';

/** The last events of streams that are not chat: audio and images. */
const LAST_EVENTS: ReadonlySet<unknown> = new Set([
  'speech.audio.done',
  'transcript.text.done',
  'image_generation.completed',
  'image_edit.completed',
]);

/**
 * `[DONE]` ends a stream; so do a reason to stop, since some services leave `[DONE]` out, and an error: then it ended
 * badly, but not silently.
 */
export function isStreamComplete({ framing, tail, isWhole }: AnswerExcerpt): boolean {
  if (framing !== 'sse') return /[}\]]\s*$/.test(tail.slice(-64));
  for (const { event, data } of readSseFramesBackwards(tail, !isWhole)) {
    if (data.trim() === '[DONE]' || event === 'error') return true;
    const value = parseObject(data);
    if (value === undefined) continue;
    if (isLast(value)) return true;
    if (isContent(value)) return false;
  }
  return !isWhole && endsInLargeImage(tail);
}

const isLast = (value: JsonObject): boolean =>
  LAST_EVENTS.has(value.type) ||
  isObject(value.error) ||
  textOf(value.error) !== undefined ||
  choicesOf(value).some((choice) => textOf(choice.finish_reason) !== undefined);

const isContent = (value: JsonObject): boolean =>
  typeof value.type === 'string' ||
  choicesOf(value).some(
    ({ delta }) => isObject(delta) && Object.values(delta).some((part) => part !== null && part !== ''),
  );

const choicesOf = ({ choices }: JsonObject): readonly JsonObject[] =>
  Array.isArray(choices) ? choices.filter(isObject) : [];

/** An image is larger than what is kept of a stream: of its one event only the end is seen, where its usage stands. */
function endsInLargeImage(tail: string): boolean {
  const hasUsage = findLastJsonObject(tail, 'usage', (usage) => countOf(usage.input_tokens));
  return hasUsage !== undefined && /\}[ \t]*[\r\n]+$/.test(tail.slice(-64));
}
