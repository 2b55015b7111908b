import type { BlockId, JsonObject } from '@proxycast/spec';

/** A part of a message while it comes. */
export interface PartState {
  /** Absent until it had something to say. */
  block?: BlockId;
  readonly type: 'output_text' | 'refusal';
  /** What has been passed on. */
  text: string;
  annotationCount: number;
  hasLogprobs: boolean;
  isEnded: boolean;
  /** What else the finished part says. */
  rest?: JsonObject;
}

/** The raw text or the summary of a reasoning item while it comes. */
export interface ThinkingState {
  readonly kind: 'full' | 'summary';
  readonly block: BlockId;
  /** What has been passed on, by the part's index. */
  readonly texts: Map<number, string>;
  isEnded: boolean;
}

/** An item while it comes, under its `output_index`: ids of one item can differ from event to event. */
export interface ItemState {
  readonly index: number;
  readonly type: string;
  /** As it was added. */
  readonly item: JsonObject;
  /** Of a message, by `content_index`. */
  readonly parts: Map<number, PartState>;
  /** Of a reasoning item, in the order they began. */
  readonly thinking: ThinkingState[];
  /** Of a call or a tool of the service. */
  block?: BlockId;
  input: string;
  isDone: boolean;
}

export function createItemState(index: number, type: string, item: JsonObject): ItemState {
  return { index, type, item, parts: new Map(), thinking: [], input: '', isDone: false };
}
