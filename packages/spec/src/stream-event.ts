import type { Citation, MediaSource, ServerToolKind, Signature, TokenLogprob } from './chat-block.ts';
import type { ProxyCastError } from './errors/proxycast-error.ts';
import type { Extensions, JsonObject } from './extensions.ts';
import type { TokenUsage } from './usage.ts';

/**
 * Why an answer ended. `end`: it was done. `tool-use`: the client has to run its calls. `length`: the bound on the answer.
 * `context-full`: the model's window. `refusal`: withheld by the model or a filter. `pause`: a server tool goes on when the
 * answer is sent back. `other`: the service said something else, or nothing.
 */
export const STOP_REASONS = [
  'end',
  'tool-use',
  'length',
  'context-full',
  'stop-sequence',
  'refusal',
  'pause',
  'compaction',
  'other',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Names a block over the whole answer, choices included: from 0, rising by one in the order the blocks begin. */
export type BlockId = number;

interface BlockStart {
  readonly block: BlockId;
  /** Which of several answers it belongs to; absent means the first, 0. */
  readonly choice?: number;
  readonly extensions?: Extensions;
}

/**
 * One unit of meaning of an answer. Every delta names its block, so parallel tools cannot tangle.
 *
 * Order: `message-start` once, first; each block from its start to its `block-end`, where blocks may overlap if the service
 * lets them; `message-end` once for each choice, after its blocks; `usage` anywhere, cumulative, later fields over earlier
 * ones. `error` is the last event there is.
 */
export type StreamEvent =
  | {
      readonly type: 'message-start';
      readonly id: string;
      readonly model: string;
      readonly createdAtSeconds?: number;
      readonly extensions?: Extensions;
    }
  | ({ readonly type: 'text-start'; readonly signature?: Signature } & BlockStart)
  | {
      readonly type: 'text-delta';
      readonly block: BlockId;
      readonly text: string;
      readonly logprobs?: readonly TokenLogprob[];
    }
  /** Belongs to a text block. */
  | { readonly type: 'citation'; readonly block: BlockId; readonly citation: Citation }
  | ({ readonly type: 'refusal-start' } & BlockStart)
  | { readonly type: 'refusal-delta'; readonly block: BlockId; readonly text: string }
  | ({ readonly type: 'thinking-start'; readonly kind: 'full' | 'summary' } & BlockStart)
  /** `part` counts the parts of a summary from 0; whoever knows no parts puts a blank line between them. */
  | { readonly type: 'thinking-delta'; readonly block: BlockId; readonly text: string; readonly part?: number }
  /** Whole, no deltas. */
  | ({ readonly type: 'redacted-thinking'; readonly signature: Signature } & BlockStart)
  /** Signs the open block: thinking, text, a call. The last one counts. */
  | { readonly type: 'signature'; readonly block: BlockId; readonly signature: Signature }
  | ({
      readonly type: 'tool-call-start';
      readonly callId: string;
      readonly name: string;
      readonly kind: 'function' | 'custom';
      readonly namespace?: string;
      readonly signature?: Signature;
    } & BlockStart)
  /** A piece of the input: JSON text, or free text of a custom tool. No piece at all means `{}`. */
  | { readonly type: 'tool-input-delta'; readonly block: BlockId; readonly json: string }
  | ({
      readonly type: 'server-tool-start';
      readonly callId: string;
      readonly tool: ServerToolKind;
      readonly name: string;
      readonly signature?: Signature;
    } & BlockStart)
  | { readonly type: 'server-tool-input-delta'; readonly block: BlockId; readonly json: string }
  /** Whole, no deltas. */
  | ({
      readonly type: 'server-tool-result';
      readonly callId: string;
      readonly tool: ServerToolKind;
      readonly isError?: boolean;
      readonly sources?: readonly { readonly url: string; readonly title?: string }[];
      readonly text?: string;
      readonly signature?: Signature;
    } & BlockStart)
  /** Whole, no deltas. */
  | ({ readonly type: 'image'; readonly source: MediaSource; readonly signature?: Signature } & BlockStart)
  | ({ readonly type: 'audio-start'; readonly id?: string; readonly format?: string } & BlockStart)
  | {
      readonly type: 'audio-delta';
      readonly block: BlockId;
      /** Base64, a whole number of groups. */
      readonly data?: string;
      readonly transcript?: string;
    }
  /** A part only the dialect `protocol` (a base id) knows, whole, no deltas. */
  | ({ readonly type: 'opaque'; readonly protocol: string; readonly value: JsonObject } & BlockStart)
  /** `extensions` here are those of the finished block and go over those of its start. */
  | { readonly type: 'block-end'; readonly block: BlockId; readonly extensions?: Extensions }
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  | {
      readonly type: 'message-end';
      readonly choice?: number;
      readonly reason: StopReason;
      /** In the service's own word. */
      readonly upstreamReason?: string;
      readonly stopSequence?: string;
      readonly extensions?: Extensions;
    }
  | { readonly type: 'error'; readonly error: ProxyCastError }
  | { readonly type: 'ping' }
  /** An event only the dialect `protocol` (a base id) knows and that belongs to no block. */
  | { readonly type: 'extension'; readonly protocol: string; readonly value: JsonObject };
