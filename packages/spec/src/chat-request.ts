import type { CacheMark, ChatBlock, ServerToolKind } from './chat-block.ts';
import type { Extensions, JsonObject } from './extensions.ts';

/** The neutral form of a chat request: what every dialect's request is decoded to and encoded from. */
export interface ChatRequest {
  /** Base id of the dialect it was written in. */
  readonly protocol: string;
  readonly model: string;
  readonly stream: boolean;
  /** In order. System text stands where it was said; an instruction field of its own is a system turn at the front. */
  readonly turns: readonly ChatTurn[];
  readonly tools: readonly ChatTool[];
  readonly toolChoice?: ToolChoice;
  /** `false`: at most one call in an answer. */
  readonly allowsParallelTools?: boolean;
  /** Includes reasoning. */
  readonly maxOutputTokens?: number;
  readonly sampling?: Sampling;
  readonly stop?: readonly string[];
  readonly reasoning?: Reasoning;
  readonly output?: OutputFormat;
  readonly verbosity?: 'low' | 'medium' | 'high';
  /** How many answers; absent means one. */
  readonly choices?: number;
  readonly logprobs?: { readonly top?: number };
  /** What the answer may hold; absent means text. */
  readonly modalities?: readonly ('text' | 'image' | 'audio')[];
  readonly voice?: { readonly name?: string; readonly format?: string };
  /** Whether a stream of Chat Completions ends with a usage chunk for the client. */
  readonly includeUsage?: boolean;
  /** A name under which the service finds the cached prompt again. */
  readonly cacheKey?: string;
  /** Marks set by the service itself. */
  readonly automaticCache?: CacheMark;
  readonly serviceTier?: 'auto' | 'default' | 'flex' | 'priority';
  /** The end user, as the client names them. */
  readonly userId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly store?: boolean;
  readonly previousResponseId?: string;
  readonly background?: boolean;
  /**
   * Fields, as the client named them, that stand for what only the service asked before keeps: a conversation, a stored
   * prompt, an item by its id. Absent where there are none; no other dialect can honour them.
   */
  readonly keptByService?: readonly string[];
  readonly extensions?: Extensions;
}

export interface ChatTurn {
  /** A `tool` turn holds tool results only; several of them in a row belong to the same assistant turn. */
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly blocks: readonly ChatBlock[];
  /** Who speaks, where the dialect says so. */
  readonly name?: string;
  readonly extensions?: Extensions;
}

export type ChatTool = FunctionTool | CustomTool | ServerTool;

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the input; an empty object where the client gave none. */
  readonly inputSchema: JsonObject;
  readonly isStrict?: boolean;
  readonly namespace?: string;
  readonly cache?: CacheMark;
  readonly extensions?: Extensions;
}

/** A tool whose input is free text, bound by a grammar at most. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string;
  readonly grammar?: { readonly syntax: string; readonly definition: string };
  readonly namespace?: string;
  readonly cache?: CacheMark;
  readonly extensions?: Extensions;
}

/** A tool that runs at the service. What only one dialect says of it is in `extensions`, whole. */
export interface ServerTool {
  readonly type: 'server';
  readonly tool: ServerToolKind;
  /** The dialect's own type, for example `web_search_20260209`. */
  readonly name: string;
  readonly webSearch?: WebSearchOptions;
  readonly mcp?: McpServer;
  readonly cache?: CacheMark;
  readonly extensions?: Extensions;
}

export interface WebSearchOptions {
  readonly allowedDomains?: readonly string[];
  readonly blockedDomains?: readonly string[];
  readonly maxUses?: number;
  readonly contextSize?: 'low' | 'medium' | 'high';
  readonly userLocation?: {
    readonly city?: string;
    readonly region?: string;
    readonly country?: string;
    readonly timezone?: string;
  };
}

export interface McpServer {
  readonly label: string;
  readonly url: string;
  readonly authorization?: string;
  readonly allowedTools?: readonly string[];
}

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'named'; readonly name: string; readonly kind?: 'function' | 'custom' }
  /** Only these, of their own accord (`auto`) or at least one of them (`required`). */
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] }
  | { readonly type: 'server'; readonly tool: ServerToolKind; readonly name: string };

export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly seed?: number;
  readonly logitBias?: Readonly<Record<string, number>>;
}

export const EFFORTS = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** How much the model should think before it answers, and what of it is shown. */
export interface Reasoning {
  /** `auto`: the model decides. `on`: it thinks, as much as effort or budget say. */
  readonly mode: 'off' | 'auto' | 'on';
  readonly effort?: Effort;
  /** In tokens. */
  readonly budget?: number;
  /** `omitted`: only what is needed to go on is given, no text. Absent: as the dialect does by default. */
  readonly display?: 'summary' | 'detailed' | 'omitted';
}

export type OutputFormat =
  | { readonly type: 'text' }
  /** Any JSON. */
  | { readonly type: 'json' }
  | {
      readonly type: 'schema';
      readonly schema: JsonObject;
      readonly name?: string;
      readonly description?: string;
      readonly isStrict?: boolean;
    };
