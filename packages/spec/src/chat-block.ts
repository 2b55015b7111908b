import type { Extensions, JsonObject } from './extensions.ts';

/**
 * What a service signed or encrypted so that only it can read it again: a thinking signature, encrypted reasoning, a
 * thought signature. `origin` says who made it; it is given back to that origin byte for byte and to no one else.
 */
export interface Signature {
  /** `{protocol}:{provider}` for what came through a conversion, the bare base id of the dialect for what a client sent as its own. */
  readonly origin: string;
  readonly value: string;
}

/** Where the bytes of an image, a document, a sound or a film are. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file uploaded to one service; its id means nothing elsewhere. `origin` as in Signature. */
  | { readonly type: 'file-id'; readonly fileId: string; readonly origin: string; readonly mediaType?: string }
  | { readonly type: 'text'; readonly text: string; readonly mediaType?: string };

/** A mark up to which the service should keep the prompt for later requests. */
export interface CacheMark {
  readonly ttl?: '5m' | '1h';
}

/** Where a statement comes from. Offsets count UTF-16 units of the text block it belongs to. */
export interface Citation {
  readonly type: 'url' | 'document' | 'search-result' | 'file';
  readonly url?: string;
  readonly title?: string;
  readonly citedText?: string;
  readonly startIndex?: number;
  readonly endIndex?: number;
  readonly fileId?: string;
  readonly extensions?: Extensions;
}

/** One token with its natural-log probability; `bytes` are its UTF-8 bytes. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes?: readonly number[];
  readonly top?: readonly { readonly token: string; readonly logprob: number; readonly bytes?: readonly number[] }[];
}

/** Tools that run at the service, as far as more than one service has them. */
export const SERVER_TOOL_KINDS = [
  'web-search',
  'web-fetch',
  'code-execution',
  'file-search',
  'image-generation',
  'computer',
  'shell',
  'text-editor',
  'memory',
  'mcp',
  'tool-search',
  'maps',
  'other',
] as const;
export type ServerToolKind = (typeof SERVER_TOOL_KINDS)[number];

interface BlockBase {
  /** The prompt cache may end after this block. */
  readonly cache?: CacheMark;
  readonly extensions?: Extensions;
}

export interface TextBlock extends BlockBase {
  readonly type: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[];
  /** Gemini signs text too. */
  readonly signature?: Signature;
  readonly logprobs?: readonly TokenLogprob[];
}

export interface MediaBlock extends BlockBase {
  readonly type: 'image' | 'document' | 'audio' | 'video';
  readonly source: MediaSource;
  /** File name or title. */
  readonly title?: string;
  readonly detail?: 'low' | 'medium' | 'high' | 'auto';
  /** What a generated sound says. */
  readonly transcript?: string;
  readonly signature?: Signature;
}

export interface ToolCallBlock extends BlockBase {
  readonly type: 'tool-call';
  /** Links the result. The service's own id; made up, stable over turns, where it gave none. */
  readonly callId: string;
  readonly name: string;
  /** The object where the dialect carries one, else its text as it came, which need not be JSON. */
  readonly input: JsonObject | string;
  /** `custom`: the input is free text, not JSON. */
  readonly kind: 'function' | 'custom';
  readonly namespace?: string;
  readonly signature?: Signature;
}

export interface ToolResultBlock extends BlockBase {
  readonly type: 'tool-result';
  readonly callId: string;
  /** Known where the dialect says it. */
  readonly name?: string;
  readonly isError?: boolean;
  readonly kind?: 'function' | 'custom';
  readonly blocks: readonly ChatBlock[];
}

export interface ThinkingBlock extends BlockBase {
  readonly type: 'thinking';
  /** Parts of a summary, in order; one part where the dialect knows no parts. Empty when only a signature is left. */
  readonly parts: readonly string[];
  readonly kind: 'full' | 'summary';
  readonly signature?: Signature;
}

/** Thinking of which only the encrypted form is given. */
export interface RedactedThinkingBlock extends BlockBase {
  readonly type: 'redacted-thinking';
  readonly signature: Signature;
}

export interface RefusalBlock extends BlockBase {
  readonly type: 'refusal';
  readonly text: string;
}

export interface ServerToolCallBlock extends BlockBase {
  readonly type: 'server-tool-call';
  readonly callId: string;
  readonly tool: ServerToolKind;
  /** The dialect's own name of the tool. */
  readonly name: string;
  readonly input: JsonObject | string;
  readonly signature?: Signature;
}

export interface ServerToolResultBlock extends BlockBase {
  readonly type: 'server-tool-result';
  readonly callId: string;
  readonly tool: ServerToolKind;
  readonly isError?: boolean;
  /** Pages that a search found. */
  readonly sources?: readonly { readonly url: string; readonly title?: string }[];
  /** What a tool printed, as far as it is text. */
  readonly text?: string;
  readonly signature?: Signature;
}

/** A part that only the dialect `protocol` (a base id) knows, whole. */
export interface OpaqueBlock extends BlockBase {
  readonly type: 'opaque';
  readonly protocol: string;
  readonly value: JsonObject;
}

/** One part of a turn, of a tool's result, or of an answer. */
export type ChatBlock =
  | TextBlock
  | MediaBlock
  | ToolCallBlock
  | ToolResultBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | RefusalBlock
  | ServerToolCallBlock
  | ServerToolResultBlock
  | OpaqueBlock;
