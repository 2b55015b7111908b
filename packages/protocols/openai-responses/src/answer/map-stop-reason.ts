import { type StopReason, unreachable } from '@proxycast/spec';

export interface FinalStatus {
  readonly status: 'completed' | 'incomplete';
  readonly incompleteReason?: 'max_output_tokens' | 'content_filter';
}

/** Ours → the dialect's, which has a status instead of a reason. A refusal that was said in words is a completed one. */
export function mapStopReason(reason: StopReason, hasRefusal: boolean): FinalStatus {
  switch (reason) {
    case 'end':
    case 'tool-use':
    case 'stop-sequence':
    case 'pause':
    case 'compaction':
    case 'other':
      return { status: 'completed' };
    case 'length':
    case 'context-full':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'refusal':
      return hasRefusal ? { status: 'completed' } : { status: 'incomplete', incompleteReason: 'content_filter' };
    default:
      return unreachable(reason);
  }
}

/** Whether the answer broke off where it was, so that its last item is not whole. */
export const isCut = (reason: StopReason): boolean => reason === 'length' || reason === 'context-full';
