import { type StopReason, unreachable } from '@proxycast/spec';

export interface FinalStatus {
  readonly status: 'completed' | 'incomplete';
  readonly incompleteReason?: 'max_output_tokens' | 'content_filter';
}

/** Ours → the dialect's, which has a status instead of a reason. */
export function mapStopReason(reason: StopReason): FinalStatus {
  switch (reason) {
    case 'end':
    case 'tool-use':
    case 'other':
      return { status: 'completed' };
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'refusal':
      return { status: 'incomplete', incompleteReason: 'content_filter' };
    default:
      return unreachable(reason);
  }
}
