import { type StopReason, unreachable } from '@proxycast/spec';

/** Ours → the dialect's. */
export function mapStopReason(reason: StopReason): string {
  switch (reason) {
    case 'end':
    case 'other':
      return 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'tool-use':
      return 'tool_use';
    case 'refusal':
      return 'refusal';
    default:
      return unreachable(reason);
  }
}
