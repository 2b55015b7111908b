import type { ChatBlock } from './chat-block.ts';
import type { Extensions } from './extensions.ts';
import type { StopReason } from './stream-event.ts';
import type { TokenUsage } from './usage.ts';

/** A whole answer: what the events of a stream fold to, and what they are made from when a service does not stream. */
export interface ChatResponse {
  readonly id: string;
  readonly model: string;
  readonly createdAtSeconds?: number;
  /** At least one. */
  readonly choices: readonly ChatChoice[];
  readonly usage?: TokenUsage;
  readonly extensions?: Extensions;
}

export interface ChatChoice {
  /** In the order they began. */
  readonly blocks: readonly ChatBlock[];
  readonly reason: StopReason;
  readonly upstreamReason?: string;
  readonly stopSequence?: string;
  readonly extensions?: Extensions;
}
