import type { JsonObject, StopReason, UpstreamError } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { upstreamErrorOf } from './upstream-error-of.ts';

export type Ending =
  | { readonly type: 'ended'; readonly reason: StopReason; readonly upstreamReason: string }
  | { readonly type: 'failed'; readonly error: UpstreamError };

/** What the blocks of the answer held, as far as it says why it ended. */
export interface AnswerTraits {
  readonly hasCall: boolean;
  readonly hasRefusal: boolean;
}

/**
 * How a response ended, by its status; `fallback` is the status its event names, for compatible servers that leave it out.
 * A response in the background has not ended: its reason is `other`.
 */
export function decodeEnding(response: JsonObject, fallback: string, traits: AnswerTraits): Ending {
  const status = textOf(response['status']) ?? fallback;
  switch (status) {
    case 'failed':
      return { type: 'failed', error: upstreamErrorOf(response) };
    case 'cancelled':
      return { type: 'failed', error: upstreamErrorOf({ code: 'response_cancelled', message: CANCELLED }) };
    case 'incomplete':
      return incomplete(response['incomplete_details']);
    case 'queued':
    case 'in_progress':
      return { type: 'ended', reason: 'other', upstreamReason: status };
    default:
      return { type: 'ended', reason: naturalReason(traits), upstreamReason: status };
  }
}

const CANCELLED = 'The response was cancelled at the upstream before it was complete.';

function naturalReason({ hasCall, hasRefusal }: AnswerTraits): StopReason {
  if (hasCall) return 'tool-use';
  return hasRefusal ? 'refusal' : 'end';
}

const INCOMPLETE: ReadonlyMap<unknown, StopReason> = new Map([
  ['max_output_tokens', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'refusal'],
]);

function incomplete(details: unknown): Ending {
  const reason = isObject(details) ? textOf(details['reason']) : undefined;
  return { type: 'ended', reason: INCOMPLETE.get(reason) ?? 'other', upstreamReason: reason ?? 'incomplete' };
}
