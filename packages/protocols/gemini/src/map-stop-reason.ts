import { type StopReason, unreachable } from '@proxycast/spec';

/** Ours → the dialect's, in which a call of a tool ends like any other answer. */
export function mapStopReason(reason: StopReason): string {
  switch (reason) {
    case 'end':
    case 'tool-use':
      return 'STOP';
    case 'length':
      return 'MAX_TOKENS';
    case 'refusal':
      return 'SAFETY';
    case 'other':
      return 'OTHER';
    default:
      return unreachable(reason);
  }
}
