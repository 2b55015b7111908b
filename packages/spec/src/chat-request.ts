/**
 * The neutral form of a chat request, as far as answers made inside ProxyCast need it:
 * who said what, which tools there are, whether to stream.
 */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly turns: readonly ChatTurn[];
  readonly tools: readonly ChatTool[];
  /** What the dialect of the request needs to answer in it, by its own names. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

export interface ChatTool {
  readonly name: string;
  /** JSON Schema of the input, or an empty object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}
