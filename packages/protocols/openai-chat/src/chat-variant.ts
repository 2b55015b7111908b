import type { Effort } from '@proxycast/spec';

/** Parameters a service may refuse. A wish it does not know is dropped; `n` cannot be, and is refused. */
export const REFUSABLE_PARAMETERS = [
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'logit_bias',
  'logprobs',
  'n',
  'stop',
  'parallel_tool_calls',
  'verbosity',
  'service_tier',
  'store',
  'metadata',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'name',
  'strict',
] as const;
export type RefusableParameter = (typeof REFUSABLE_PARAMETERS)[number];

export const TOOL_CHOICES = ['auto', 'none', 'required', 'named', 'allowed'] as const;
export type ToolChoiceWord = (typeof TOOL_CHOICES)[number];

export type EffortWord = Effort | 'none';

/** How a service wants to be told how much to think. */
export const REASONING_STYLES = [
  /** `reasoning_effort: "high"`. */
  'effort',
  /** `thinking: { type: "enabled" }`, and `reasoning_effort` where efforts are listed. */
  'thinking',
  /** `enable_thinking: true` and `thinking_budget`. */
  'enable_thinking',
  /** `reasoning: { effort | max_tokens | enabled, exclude }`. */
  'reasoning',
  /** `chat_template_kwargs: { enable_thinking: true }`. */
  'chat_template',
  'none',
] as const;
export type ReasoningStyle = (typeof REASONING_STYLES)[number];

export interface ReasoningRequest {
  readonly style: ReasoningStyle;
  /** Words the service knows; empty where it takes none. */
  readonly efforts: readonly EffortWord[];
  /** Parts of the names of models that take it, in lower case; absent: all do. */
  readonly models?: readonly string[];
  /** `thinking: { type: "auto" }` is known. */
  readonly auto: boolean;
}

export const REASONING_FORMS = ['reasoning_content', 'reasoning', 'reasoning_details', 'part', 'inline'] as const;

/** What of its thinking a service wants to be told again. */
export interface ReasoningHistory {
  /** `tool-turns`: in assistant messages that call tools, without which the service refuses them. */
  readonly send: 'never' | 'tool-turns' | 'always';
  /** The field it stands in; `part`: a part of the content of type `thinking`; `inline`: in front of the text, in `<think>`. */
  readonly form: (typeof REASONING_FORMS)[number];
  /** What is sent where the thinking is not known. */
  readonly unknown: 'omit' | 'empty';
}

/** What services that speak the dialect want otherwise than OpenAI. It steers what is sent; answers of all are read alike. */
export interface ChatQuirks {
  /** Visible text that begins with `<think>` is thinking up to `</think>`. */
  readonly inlineThinking: boolean;
  /** The name of the bound on the answer; `by-model`: as OpenAI's models want it. */
  readonly outputBound: 'max_tokens' | 'max_completion_tokens' | 'by-model';
  readonly unsupported: readonly RefusableParameter[];
  readonly topK: boolean;
  readonly maxTemperature?: number;
  readonly developerRole: boolean;
  /** `leading`: system messages stand at the front only. */
  readonly systemMessages: 'anywhere' | 'leading';
  /** `alternating`: user and assistant take turns, and the user begins. */
  readonly turnOrder: 'any' | 'alternating';
  /** Whether a user may speak directly after results, before the assistant has. */
  readonly userAfterResults: boolean;
  /** `string`: content without media is one text, never a list of parts. */
  readonly textContent: 'parts' | 'string';
  /** An assistant that only calls may say `content: null`. */
  readonly nullContent: boolean;
  /** A last assistant message is gone on with: as it is, with `prefix: true`, or not at all. */
  readonly prefill: 'plain' | 'prefix' | 'none';
  readonly streamOptions: boolean;
  readonly callIds: 'any' | 'nine-alphanumerics';
  readonly tools: boolean;
  readonly customTools: boolean;
  readonly toolChoices: readonly ToolChoiceWord[];
  readonly requiredWord: 'required' | 'any';
  /** How its own web search is asked for; `search-models`: `web_search_options`, by models made for it; `always`: it searches anyway. */
  readonly webSearch: 'search-models' | 'always' | 'enable_search' | 'openrouter' | 'zhipu' | 'none';
  readonly responseFormats: readonly ('json_object' | 'json_schema')[];
  /** `data`: the bytes, no address. */
  readonly images: 'any' | 'data' | 'none';
  readonly audio: boolean;
  readonly files: boolean;
  /** How a document is named by its address; `file_data`: in place of its bytes. */
  readonly fileAddresses: 'file_url' | 'file_data' | 'none';
  readonly videos: boolean;
  readonly imageAnswers: boolean;
  /** `cache_control` on parts and tools is known. */
  readonly cacheControl: boolean;
  readonly reasoningRequest: ReasoningRequest;
  readonly reasoningHistory: ReasoningHistory;
}

/** A service's way of speaking the dialect, as data: a JSON file of `presets/protocols`, or one of a person's own. */
export interface ChatVariant {
  readonly id: string;
  readonly base: 'openai';
  /** Presets of API-key providers that speak it. */
  readonly vendors: readonly string[];
  readonly quirks: ChatQuirks;
}

/** OpenAI's own: what every variant that says nothing else has. */
export const PLAIN_QUIRKS: ChatQuirks = {
  inlineThinking: false,
  outputBound: 'by-model',
  unsupported: [],
  topK: false,
  developerRole: true,
  systemMessages: 'anywhere',
  turnOrder: 'any',
  userAfterResults: true,
  textContent: 'parts',
  nullContent: true,
  prefill: 'plain',
  streamOptions: true,
  callIds: 'any',
  tools: true,
  customTools: true,
  toolChoices: TOOL_CHOICES,
  requiredWord: 'required',
  webSearch: 'search-models',
  responseFormats: ['json_object', 'json_schema'],
  images: 'any',
  audio: true,
  files: true,
  fileAddresses: 'none',
  videos: false,
  imageAnswers: false,
  cacheControl: false,
  reasoningRequest: {
    style: 'effort',
    efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
    auto: false,
  },
  reasoningHistory: { send: 'never', form: 'reasoning_content', unknown: 'omit' },
};

export const PLAIN_VARIANT: ChatVariant = { id: 'openai', base: 'openai', vendors: [], quirks: PLAIN_QUIRKS };
