import { type StopReason, unreachable } from '@proxycast/spec';

/** Ours → the dialect's. */
export function mapStopReason(reason: StopReason): string {
  switch (reason) {
    case 'end':
    case 'stop-sequence':
    case 'pause':
    case 'compaction':
    case 'other':
      return 'stop';
    case 'length':
    case 'context-full':
      return 'length';
    case 'tool-use':
      return 'tool_calls';
    case 'refusal':
      return 'content_filter';
    default:
      return unreachable(reason);
  }
}
