import type { Frame } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { isObject, parseJson } from '../json.ts';
import { framesOf } from './convert-answer.ts';

/**
 * How a stream of that dialect ends, from its last frames: `error` is the dialect's own error event with nothing behind
 * it, `clean` its terminator, `open` neither.
 */
export function endingOf(dialect: FakeDialectId, text: string): 'error' | 'clean' | 'open' {
  // The last two frames are within this in all but the largest terminal events.
  const frames = framesOf(text.length > 60_000 && dialect !== 'responses' ? text.slice(-30_000) : text);
  const last = frames.at(-1);
  if (last === undefined) return 'open';
  const value = parseJson(last.data);
  const body = isObject(value) ? value : {};
  switch (dialect) {
    case 'anthropic':
      if (last.event === 'error' && body.type === 'error' && isObject(body.error)) return 'error';
      return body.type === 'message_stop' ? 'clean' : 'open';
    case 'openai':
      if (last.data === '[DONE]') return 'clean';
      return isObject(body.error) ? 'error' : 'open';
    case 'responses':
      if (body.type === 'error') return 'error';
      if (body.type === 'response.failed') return isFailure(body.response) ? 'error' : 'open';
      return body.type === 'response.completed' || body.type === 'response.incomplete' ? 'clean' : 'open';
    case 'gemini':
      if (isObject(body.error)) return 'error';
      return hasFinish(frames) ? 'clean' : 'open';
  }
}

const isFailure = (response: unknown): boolean =>
  isObject(response) && response.status === 'failed' && isObject(response.error);

function hasFinish(frames: readonly Frame[]): boolean {
  return frames.some(({ data }) => /"(finishReason|blockReason)"/.test(data));
}

/** Blocks that were begun and not ended before the stream's end: what makes a client say "content block not found". */
export function openBlocksOf(dialect: FakeDialectId, text: string): number {
  const count = (pattern: string) => text.split(pattern).length - 1;
  switch (dialect) {
    case 'anthropic':
      return count('event: content_block_start\n') - count('event: content_block_stop\n');
    case 'responses':
      return count('event: response.output_item.added\n') - count('event: response.output_item.done\n');
    default:
      return 0;
  }
}
