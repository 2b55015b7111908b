import { EFFORT } from '../chat/chat-fields.ts';
import type { FieldRow } from '../rule.ts';
import {
  anything,
  array,
  boolean,
  either,
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

const REQUEST = 'protocols.md 3.1';
const IDS = 'protocols.md 9.1';
export const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

export const RESPONSES_FIELDS: readonly FieldRow[] = [
  { field: 'model', shape: filledString, source: REQUEST },
  { field: 'input', shape: either(string, array), source: REQUEST },
  { field: 'instructions', shape: nullable(either(string, array)), source: REQUEST },
  { field: 'previous_response_id', shape: nullable(text(/^resp_/)), source: REQUEST },
  { field: 'conversation', shape: nullable(either(string, object)), source: REQUEST },
  // 16 is the least: protocols.md 10, pair 10.
  { field: 'max_output_tokens', shape: nullable(integer(16)), source: REQUEST },
  { field: 'max_tool_calls', shape: nullable(integer(1)), source: REQUEST },
  { field: 'temperature', shape: nullable(number(0, 2)), source: REQUEST },
  { field: 'top_p', shape: nullable(number(0, 1)), source: REQUEST },
  { field: 'top_logprobs', shape: nullable(integer(0, 20)), source: REQUEST },
  { field: 'tools', shape: array, source: REQUEST },
  { field: 'tool_choice', shape: either(oneOf('none', 'auto', 'required'), object), source: REQUEST },
  { field: 'parallel_tool_calls', shape: nullable(boolean), source: REQUEST },
  { field: 'reasoning', shape: nullable(object), source: REQUEST },
  { field: 'include', shape: nullable(listOf(text(/^[a-z_]+(\.[a-z_]+)+$/))), source: REQUEST },
  { field: 'text', shape: object, source: REQUEST },
  { field: 'store', shape: nullable(boolean), source: REQUEST },
  { field: 'background', shape: nullable(boolean), source: REQUEST },
  { field: 'truncation', shape: nullable(oneOf('auto', 'disabled')), source: REQUEST },
  { field: 'context_management', shape: nullable(array), source: REQUEST },
  { field: 'metadata', shape: nullable(object), source: REQUEST },
  { field: 'service_tier', shape: nullable(oneOf('auto', 'default', 'flex', 'scale', 'priority')), source: REQUEST },
  { field: 'prompt_cache_key', shape: nullable(string), source: REQUEST },
  { field: 'prompt_cache_retention', shape: nullable(oneOf('in_memory', 'in-memory', '24h')), source: REQUEST },
  { field: 'prompt_cache_options', shape: anything, source: REQUEST },
  { field: 'safety_identifier', shape: nullable(string), source: REQUEST },
  { field: 'user', shape: nullable(string), source: REQUEST },
  { field: 'prompt', shape: nullable(object), source: REQUEST },
  { field: 'moderation', shape: anything, source: REQUEST },
  { field: 'stream', shape: nullable(boolean), source: REQUEST },
  { field: 'stream_options', shape: nullable(object), source: REQUEST },
];

export const REASONING_FIELDS: readonly FieldRow[] = [
  { field: 'effort', shape: nullable(EFFORT), source: REQUEST },
  { field: 'summary', shape: nullable(oneOf('auto', 'concise', 'detailed')), source: REQUEST },
  { field: 'generate_summary', shape: nullable(oneOf('auto', 'concise', 'detailed')), source: REQUEST },
  { field: 'context', shape: nullable(oneOf('auto', 'current_turn', 'all_turns')), source: REQUEST },
  { field: 'mode', shape: nullable(oneOf('standard', 'pro')), source: REQUEST },
];

export const TEXT_FIELDS: readonly FieldRow[] = [
  { field: 'format', shape: object, source: REQUEST },
  { field: 'verbosity', shape: nullable(oneOf('low', 'medium', 'high')), source: REQUEST },
];

/** The schema is flat here, not nested under `json_schema`. */
export const FORMAT_FIELDS: readonly FieldRow[] = [
  { field: 'type', shape: oneOf('text', 'json_object', 'json_schema'), isRequired: true, source: REQUEST },
  { field: 'name', shape: text(/^[a-zA-Z0-9_-]{1,64}$/), source: REQUEST },
  { field: 'schema', shape: object, source: REQUEST },
  { field: 'strict', shape: nullable(boolean), source: REQUEST },
  { field: 'description', shape: nullable(string), source: REQUEST },
];

/** The flat function form. */
export const FUNCTION_TOOL_FIELDS: readonly FieldRow[] = [
  { field: 'type', shape: oneOf('function'), isRequired: true, source: REQUEST },
  { field: 'name', shape: text(NAME), isRequired: true, source: IDS },
  { field: 'description', shape: nullable(string), source: REQUEST },
  { field: 'parameters', shape: nullable(object), source: REQUEST },
  { field: 'strict', shape: nullable(boolean), source: REQUEST },
  { field: 'defer_loading', shape: nullable(boolean), source: REQUEST },
  { field: 'output_schema', shape: nullable(object), source: REQUEST },
  { field: 'allowed_callers', shape: nullable(array), source: REQUEST },
];

export const TOOL_TYPES = [
  'function',
  'custom',
  'web_search',
  'web_search_preview',
  'file_search',
  'code_interpreter',
  'image_generation',
  'computer',
  'computer_use_preview',
  'mcp',
  'shell',
  'local_shell',
  'apply_patch',
  'tool_search',
  'namespace',
];

const type: FieldRow = { field: 'type', shape: string, source: REQUEST };
const status: FieldRow = {
  field: 'status',
  shape: nullable(oneOf('in_progress', 'completed', 'incomplete')),
  source: REQUEST,
};
const itemId = (prefix: string): FieldRow => ({
  field: 'id',
  shape: nullable(text(new RegExp(`^${prefix}`))),
  source: IDS,
});
const callId: FieldRow = { field: 'call_id', shape: text(/^.{1,64}$/s), isRequired: true, source: IDS };

/** Fields of input items by type. Types without a row here are let through when `ITEM_TYPES` knows them. */
export const ITEM_FIELDS: Readonly<Record<string, readonly FieldRow[]>> = {
  message: [
    type,
    { field: 'role', shape: oneOf('user', 'assistant', 'system', 'developer'), isRequired: true, source: REQUEST },
    { field: 'content', shape: either(string, array), isRequired: true, source: REQUEST },
    itemId('msg'),
    status,
    { field: 'phase', shape: nullable(oneOf('commentary', 'final_answer')), source: REQUEST },
  ],
  function_call: [
    type,
    itemId('fc'),
    callId,
    status,
    { field: 'name', shape: text(NAME), isRequired: true, source: IDS },
    { field: 'arguments', shape: string, isRequired: true, source: REQUEST },
    { field: 'namespace', shape: nullable(string), source: REQUEST },
  ],
  function_call_output: [
    type,
    { field: 'id', shape: nullable(string), source: REQUEST },
    callId,
    status,
    { field: 'output', shape: either(string, array), isRequired: true, source: REQUEST },
  ],
  custom_tool_call: [
    type,
    { field: 'id', shape: nullable(string), source: REQUEST },
    callId,
    status,
    { field: 'name', shape: text(NAME), isRequired: true, source: IDS },
    { field: 'input', shape: string, isRequired: true, source: REQUEST },
    { field: 'namespace', shape: nullable(string), source: REQUEST },
  ],
  custom_tool_call_output: [
    type,
    { field: 'id', shape: nullable(string), source: REQUEST },
    callId,
    { field: 'output', shape: either(string, array), isRequired: true, source: REQUEST },
  ],
  reasoning: [
    type,
    itemId('rs'),
    status,
    // Mandatory, an empty list is fine: protocols.md 9.3, 7.
    { field: 'summary', shape: array, isRequired: true, source: 'protocols.md 9.3' },
    { field: 'content', shape: nullable(array), source: REQUEST },
    { field: 'encrypted_content', shape: nullable(string), source: REQUEST },
  ],
  item_reference: [type, { field: 'id', shape: filledString, isRequired: true, source: REQUEST }],
  compaction: [
    type,
    { field: 'id', shape: nullable(string), source: REQUEST },
    { field: 'encrypted_content', shape: filledString, isRequired: true, source: REQUEST },
  ],
};

export const ITEM_TYPES = [
  ...Object.keys(ITEM_FIELDS),
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'computer_call',
  'computer_call_output',
  'image_generation_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
];

/** Content parts by the role that may hold them, with the fields of each. */
export const PARTS: Readonly<Record<'in' | 'out', Readonly<Record<string, readonly FieldRow[]>>>> = {
  in: {
    input_text: [{ field: 'text', shape: string, isRequired: true, source: REQUEST }],
    // A string here, unlike Chat Completions.
    input_image: [
      { field: 'image_url', shape: nullable(text(/^(https?:\/\/|data:image\/)/)), source: REQUEST },
      { field: 'file_id', shape: nullable(string), source: REQUEST },
      { field: 'detail', shape: nullable(oneOf('auto', 'low', 'high', 'original')), source: REQUEST },
    ],
    input_file: [
      { field: 'file_data', shape: nullable(string), source: REQUEST },
      { field: 'file_id', shape: nullable(string), source: REQUEST },
      { field: 'file_url', shape: nullable(string), source: REQUEST },
      { field: 'filename', shape: nullable(string), source: REQUEST },
    ],
    input_audio: [],
  },
  out: {
    output_text: [
      { field: 'text', shape: string, isRequired: true, source: REQUEST },
      { field: 'annotations', shape: nullable(array), source: REQUEST },
    ],
    refusal: [{ field: 'refusal', shape: string, isRequired: true, source: REQUEST }],
  },
};
