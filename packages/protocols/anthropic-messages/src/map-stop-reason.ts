import { type StopReason, unreachable } from '@proxycast/spec';

/** Ours → the dialect's. */
export function mapStopReason(reason: StopReason): string {
  switch (reason) {
    case 'end':
    case 'other':
      return 'end_turn';
    case 'tool-use':
      return 'tool_use';
    case 'length':
      return 'max_tokens';
    case 'context-full':
      return 'model_context_window_exceeded';
    case 'stop-sequence':
      return 'stop_sequence';
    case 'refusal':
      return 'refusal';
    case 'pause':
      return 'pause_turn';
    case 'compaction':
      return 'compaction';
    default:
      return unreachable(reason);
  }
}

const REASONS: ReadonlyMap<unknown, StopReason> = new Map<string, StopReason>([
  ['end_turn', 'end'],
  ['tool_use', 'tool-use'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-full'],
  ['stop_sequence', 'stop-sequence'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
  ['compaction', 'compaction'],
]);

/** The dialect's → ours; a word we do not know, or none, is `other`. */
export const readStopReason = (reason: unknown): StopReason => REASONS.get(reason) ?? 'other';
