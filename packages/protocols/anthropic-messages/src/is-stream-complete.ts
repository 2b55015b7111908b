import type { AnswerExcerpt } from '@proxycast/spec';
import { parseObject, readSseFramesBackwards } from '@proxycast/wire';

const MORE_FOLLOWS: ReadonlySet<unknown> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
]);

/** `message_stop` ends a stream, and so does an error event: then it ended badly, but not silently. */
export function isStreamComplete({ framing, tail, isWhole }: AnswerExcerpt): boolean {
  if (framing !== 'sse') return tail.trimEnd().endsWith('}');
  for (const { event, data } of readSseFramesBackwards(tail, !isWhole)) {
    const type = parseObject(data)?.type;
    if (type === 'message_stop' || type === 'error' || event === 'error') return true;
    if (MORE_FOLLOWS.has(type)) return false;
  }
  return false;
}
