import type { JsonObject } from '@proxycast/spec';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** A part of a message or of a reasoning item while it grows. */
export interface ItemPart {
  readonly type: 'output_text' | 'refusal' | 'summary_text' | 'reasoning_text';
  /** Its place in the content or the summary. */
  readonly index: number;
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonObject[];
  /** What else it says, where it comes from this dialect. */
  rest?: JsonObject;
}

/** A part that came whole from this dialect. */
export interface WholePart {
  readonly type: 'whole';
  readonly index: number;
  readonly value: JsonObject;
}

interface ItemBase {
  /** Its place in the answer, from 0. */
  readonly outputIndex: number;
  readonly id: string;
  /** The place it had upstream, where this dialect is spoken there too. */
  readonly sourceIndex?: number;
  status: ItemStatus;
  isDone: boolean;
  /** What else it says, where it comes from this dialect. */
  rest?: JsonObject;
}

export interface MessageItem extends ItemBase {
  readonly type: 'message';
  readonly content: (ItemPart | WholePart)[];
}

export interface ReasoningItem extends ItemBase {
  readonly type: 'reasoning';
  readonly summary: ItemPart[];
  readonly content: ItemPart[];
  encrypted?: string;
}

export interface CallItem extends ItemBase {
  readonly type: 'function_call' | 'custom_tool_call';
  readonly callId: string;
  readonly name: string;
  readonly namespace?: string;
  input: string;
}

export interface ImageItem extends ItemBase {
  readonly type: 'image_generation_call';
  /** Base64, or an address where that is all there is. */
  readonly result: string;
}

/** A call of the service's own tool, from another dialect. */
export interface ServerItem extends ItemBase {
  readonly type: 'web_search_call' | 'code_interpreter_call' | 'mcp_call';
  readonly callId: string;
  readonly name: string;
  input: string;
  readonly sources: { readonly url: string; readonly title?: string }[];
  output?: string;
  isError: boolean;
}

/** An item of this dialect that is written as it is. */
export interface WholeItem extends ItemBase {
  readonly type: 'whole';
  value: JsonObject;
  /** It was added, and what it is has not come yet. */
  isAwaited: boolean;
}

export type AnswerItem = MessageItem | ReasoningItem | CallItem | ImageItem | ServerItem | WholeItem;
