import type { FieldRow } from '../rule.ts';
import {
  anything,
  array,
  boolean,
  either,
  filledArray,
  filledString,
  integer,
  listOf,
  nullable,
  number,
  object,
  oneOf,
  string,
  text,
} from '../shape.ts';

const REQUEST = 'protocols.md 2.1';
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export const EFFORT = oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');

export const CHAT_FIELDS: readonly FieldRow[] = [
  { field: 'model', shape: filledString, isRequired: true, source: REQUEST },
  { field: 'messages', shape: filledArray, isRequired: true, source: REQUEST },
  { field: 'max_completion_tokens', shape: nullable(integer(1)), source: REQUEST },
  { field: 'max_tokens', shape: nullable(integer(1)), source: REQUEST },
  { field: 'temperature', shape: nullable(number(0, 2)), source: REQUEST },
  { field: 'top_p', shape: nullable(number(0, 1)), source: REQUEST },
  { field: 'frequency_penalty', shape: nullable(number(-2, 2)), source: REQUEST },
  { field: 'presence_penalty', shape: nullable(number(-2, 2)), source: REQUEST },
  { field: 'logit_bias', shape: nullable(object), source: REQUEST },
  { field: 'seed', shape: nullable(integer()), source: REQUEST },
  { field: 'stop', shape: nullable(either(string, listOf(string, 4))), source: REQUEST },
  { field: 'n', shape: nullable(integer(1, 128)), source: REQUEST },
  { field: 'logprobs', shape: nullable(boolean), source: REQUEST },
  { field: 'top_logprobs', shape: nullable(integer(0, 20)), source: REQUEST },
  { field: 'tools', shape: filledArray, source: REQUEST },
  { field: 'tool_choice', shape: either(oneOf('none', 'auto', 'required'), object), source: REQUEST },
  { field: 'parallel_tool_calls', shape: boolean, source: REQUEST },
  { field: 'functions', shape: filledArray, source: REQUEST },
  { field: 'function_call', shape: either(string, object), source: REQUEST },
  { field: 'response_format', shape: object, source: REQUEST },
  { field: 'reasoning_effort', shape: nullable(EFFORT), source: REQUEST },
  { field: 'verbosity', shape: nullable(oneOf('low', 'medium', 'high')), source: REQUEST },
  { field: 'modalities', shape: nullable(listOf(oneOf('text', 'audio'))), source: REQUEST },
  { field: 'audio', shape: nullable(object), source: REQUEST },
  { field: 'prediction', shape: nullable(object), source: REQUEST },
  { field: 'web_search_options', shape: object, source: REQUEST },
  { field: 'stream', shape: nullable(boolean), source: REQUEST },
  { field: 'stream_options', shape: nullable(object), source: REQUEST },
  { field: 'service_tier', shape: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority')), source: REQUEST },
  { field: 'prompt_cache_key', shape: nullable(string), source: REQUEST },
  { field: 'prompt_cache_retention', shape: nullable(oneOf('in_memory', 'in-memory', '24h')), source: REQUEST },
  { field: 'prompt_cache_options', shape: anything, source: REQUEST },
  { field: 'store', shape: nullable(boolean), source: REQUEST },
  { field: 'metadata', shape: nullable(object), source: REQUEST },
  { field: 'user', shape: string, source: REQUEST },
  { field: 'safety_identifier', shape: string, source: REQUEST },
  { field: 'moderation', shape: anything, source: REQUEST },
];

const role: FieldRow = { field: 'role', shape: string, isRequired: true, source: REQUEST };
const name: FieldRow = { field: 'name', shape: string, source: REQUEST };
const content = (shape: FieldRow['shape'], isRequired: boolean): FieldRow => ({
  field: 'content',
  shape,
  isRequired,
  source: REQUEST,
});

/** Fields of a message by its role. */
export const MESSAGE_FIELDS: Readonly<Record<string, readonly FieldRow[]>> = {
  system: [role, name, content(either(string, filledArray), true)],
  developer: [role, name, content(either(string, filledArray), true)],
  user: [role, name, content(either(string, filledArray), true)],
  assistant: [
    role,
    name,
    content(nullable(either(string, array)), false),
    { field: 'tool_calls', shape: filledArray, source: REQUEST },
    { field: 'refusal', shape: nullable(string), source: REQUEST },
    { field: 'audio', shape: nullable(object), source: REQUEST },
    { field: 'function_call', shape: nullable(object), source: REQUEST },
    { field: 'annotations', shape: array, source: REQUEST },
  ],
  tool: [
    role,
    // Not in the reference; OpenAI's own examples have sent it since there are tools, and LangChain does.
    name,
    content(either(string, filledArray), true),
    { field: 'tool_call_id', shape: filledString, isRequired: true, source: REQUEST },
  ],
  function: [role, { ...name, isRequired: true }, content(nullable(string), true)],
};

/** What vendors that show their reasoning take back: protocols.md 6. */
export const REASONING_FIELD: FieldRow = {
  field: 'reasoning_content',
  shape: nullable(string),
  source: 'protocols.md 6',
};

/** Types of content parts each role may hold, with the field that carries their value. */
export const PARTS: Readonly<Record<string, Readonly<Record<string, FieldRow>>>> = {
  system: { text: textPart() },
  developer: { text: textPart() },
  tool: { text: textPart() },
  assistant: {
    text: textPart(),
    refusal: { field: 'refusal', shape: string, isRequired: true, source: REQUEST },
  },
  user: {
    text: textPart(),
    image_url: { field: 'image_url', shape: object, isRequired: true, source: REQUEST },
    input_audio: { field: 'input_audio', shape: object, isRequired: true, source: REQUEST },
    file: { field: 'file', shape: object, isRequired: true, source: REQUEST },
  },
};

function textPart(): FieldRow {
  return { field: 'text', shape: string, isRequired: true, source: REQUEST };
}

export const CALL_FIELDS: readonly FieldRow[] = [
  { field: 'id', shape: text(/^.{1,64}$/s), isRequired: true, source: 'protocols.md 9.1' },
  { field: 'type', shape: oneOf('function', 'custom'), isRequired: true, source: REQUEST },
  { field: 'function', shape: object, source: REQUEST },
  { field: 'custom', shape: object, source: REQUEST },
];

export const CALLED_FUNCTION_FIELDS: readonly FieldRow[] = [
  { field: 'name', shape: text(NAME), isRequired: true, source: 'protocols.md 9.1' },
  { field: 'arguments', shape: string, isRequired: true, source: REQUEST },
];

export const TOOL_FIELDS: readonly FieldRow[] = [
  { field: 'type', shape: oneOf('function', 'custom'), isRequired: true, source: REQUEST },
  { field: 'function', shape: object, source: REQUEST },
  { field: 'custom', shape: object, source: REQUEST },
];

export const FUNCTION_FIELDS: readonly FieldRow[] = [
  { field: 'name', shape: text(NAME), isRequired: true, source: 'protocols.md 9.1' },
  { field: 'description', shape: string, source: REQUEST },
  { field: 'parameters', shape: object, source: REQUEST },
  { field: 'strict', shape: nullable(boolean), source: REQUEST },
];

export const CUSTOM_FIELDS: readonly FieldRow[] = [
  { field: 'name', shape: text(NAME), isRequired: true, source: 'protocols.md 9.1' },
  { field: 'description', shape: string, source: REQUEST },
  { field: 'format', shape: object, source: REQUEST },
];

export const JSON_SCHEMA_FIELDS: readonly FieldRow[] = [
  { field: 'name', shape: text(NAME), isRequired: true, source: REQUEST },
  { field: 'schema', shape: object, source: REQUEST },
  { field: 'strict', shape: nullable(boolean), source: REQUEST },
  { field: 'description', shape: string, source: REQUEST },
];
