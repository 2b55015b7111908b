import type { AnswerExcerpt } from '@proxycast/spec';
import { findLastJsonObject, parseObject, readSseFramesBackwards } from '@proxycast/wire';
import { readCounts } from './read-usage.ts';

const LAST_EVENTS: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'error',
]);

/** A final event, or an error: then the stream ended badly, but not silently. */
export function isStreamComplete({ framing, tail, isWhole }: AnswerExcerpt): boolean {
  if (framing !== 'sse') return tail.trimEnd().endsWith('}');
  for (const { event, data } of readSseFramesBackwards(tail, !isWhole)) {
    // Compatible servers add the terminator of Chat Completions.
    if (event === 'error' || data.trim() === '[DONE]') return true;
    const type = parseObject(data)?.type;
    if (LAST_EVENTS.has(type)) return true;
    if (typeof type === 'string' && type.startsWith('response.')) return false;
  }
  return !isWhole && endsInLargeResponse(tail);
}

/**
 * The final event repeats the whole answer and can be larger than what is kept of a stream. Then only its end is seen,
 * with its usage; all events before it have none.
 */
function endsInLargeResponse(tail: string): boolean {
  return findLastJsonObject(tail, 'usage', readCounts) !== undefined && /\}[ \t]*[\r\n]+$/.test(tail.slice(-64));
}
