import type { TokenUsage } from './usage.ts';

export const STOP_REASONS = ['end', 'length', 'tool-use', 'refusal', 'other'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** A block's place in the answer, from 0, contiguous. */
export type BlockId = number;

/**
 * One unit of meaning of an answer. Every delta names its block, so parallel tools cannot tangle.
 * Order: `message-start`, then blocks (start, deltas, end), `usage` anywhere, `message-end` once.
 */
export type StreamEvent =
  | { readonly type: 'message-start'; readonly id: string; readonly model: string }
  | { readonly type: 'text-start'; readonly block: BlockId }
  | { readonly type: 'text-delta'; readonly block: BlockId; readonly text: string }
  | { readonly type: 'tool-call-start'; readonly block: BlockId; readonly callId: string; readonly name: string }
  | { readonly type: 'tool-input-delta'; readonly block: BlockId; readonly json: string }
  | { readonly type: 'block-end'; readonly block: BlockId }
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  | { readonly type: 'message-end'; readonly reason: StopReason };
