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

const REQUEST = 'protocols.md 4.1';
const IDS = 'protocols.md 9.1';

/** Tool names: `^[a-zA-Z0-9_-]{1,128}$`. */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
/** Ids of tool calls. */
export const TOOL_ID = /^[a-zA-Z0-9_-]+$/;

const shared: readonly FieldRow[] = [
  { field: 'model', shape: filledString, isRequired: true, source: REQUEST },
  { field: 'messages', shape: filledArray, isRequired: true, source: REQUEST },
  { field: 'system', shape: either(string, array), source: REQUEST },
  { field: 'tools', shape: array, source: REQUEST },
  { field: 'tool_choice', shape: object, source: REQUEST },
  { field: 'thinking', shape: object, source: REQUEST },
  { field: 'output_config', shape: object, source: REQUEST },
  { field: 'output_format', shape: nullable(object), source: REQUEST },
  { field: 'cache_control', shape: nullable(object), source: REQUEST },
  { field: 'mcp_servers', shape: array, source: REQUEST },
  { field: 'context_management', shape: nullable(object), source: REQUEST },
  { field: 'compaction', shape: anything, source: REQUEST },
  { field: 'speed', shape: oneOf('standard', 'fast'), source: REQUEST },
];

export const MESSAGE_FIELDS: readonly FieldRow[] = [
  ...shared,
  { field: 'max_tokens', shape: integer(1), isRequired: true, source: REQUEST },
  { field: 'temperature', shape: number(0, 1), source: REQUEST },
  { field: 'top_p', shape: number(0, 1), source: REQUEST },
  { field: 'top_k', shape: integer(0), source: REQUEST },
  { field: 'stop_sequences', shape: listOf(text(/\S/)), source: REQUEST },
  { field: 'stream', shape: boolean, source: REQUEST },
  { field: 'metadata', shape: object, source: REQUEST },
  { field: 'service_tier', shape: oneOf('auto', 'standard_only'), source: REQUEST },
  { field: 'inference_geo', shape: nullable(string), source: REQUEST },
  { field: 'container', shape: nullable(either(string, object)), source: REQUEST },
  { field: 'diagnostics', shape: anything, source: REQUEST },
  { field: 'user_profile_id', shape: nullable(string), source: REQUEST },
  { field: 'fallbacks', shape: array, source: REQUEST },
  // @anthropic-ai/sdk 1.12.0, seen 2026-11-25: a conversation that the service holds.
  { field: 'thread', shape: nullable(object), source: REQUEST },
];

/** No `max_tokens`, no sampling: protocols.md 4.4. */
export const COUNT_FIELDS: readonly FieldRow[] = shared;

export const CLIENT_TOOL_FIELDS: readonly FieldRow[] = [
  { field: 'type', shape: nullable(oneOf('custom')), source: REQUEST },
  { field: 'name', shape: text(TOOL_NAME), isRequired: true, source: REQUEST },
  { field: 'description', shape: string, source: REQUEST },
  { field: 'input_schema', shape: object, isRequired: true, source: REQUEST },
  { field: 'strict', shape: boolean, source: REQUEST },
  { field: 'cache_control', shape: nullable(object), source: REQUEST },
  { field: 'defer_loading', shape: boolean, source: REQUEST },
  { field: 'eager_input_streaming', shape: nullable(boolean), source: REQUEST },
  { field: 'input_examples', shape: array, source: REQUEST },
  { field: 'allowed_callers', shape: array, source: REQUEST },
];

export const TOOL_CHOICE_FIELDS: readonly FieldRow[] = [
  { field: 'type', shape: oneOf('auto', 'any', 'tool', 'none'), isRequired: true, source: REQUEST },
  { field: 'name', shape: filledString, source: REQUEST },
  { field: 'disable_parallel_tool_use', shape: boolean, source: REQUEST },
];

export const THINKING_FIELDS: readonly FieldRow[] = [
  {
    field: 'type',
    shape: oneOf('enabled', 'adaptive', 'disabled', 'between_tools'),
    isRequired: true,
    source: REQUEST,
  },
  { field: 'budget_tokens', shape: integer(1024), source: REQUEST },
  // `updates` is what Claude Code 2.1.330 sends (seen 2026-11-24).
  { field: 'display', shape: oneOf('summarized', 'omitted', 'updates'), source: REQUEST },
];

export const MESSAGE_ENVELOPE_FIELDS: readonly FieldRow[] = [
  { field: 'role', shape: oneOf('user', 'assistant', 'system'), isRequired: true, source: REQUEST },
  { field: 'content', shape: either(string, array), isRequired: true, source: REQUEST },
];

export interface BlockRow {
  readonly type: string;
  readonly roles: readonly ('user' | 'assistant' | 'system')[];
  readonly fields: readonly FieldRow[];
  /** Absent: other fields are let through, because the reference does not list them all. */
  readonly isClosed?: true;
}

const type: FieldRow = { field: 'type', shape: string, isRequired: true, source: REQUEST };
const cacheControl: FieldRow = { field: 'cache_control', shape: nullable(object), source: REQUEST };

/** Blocks by type. A type that is neither here nor a server tool's is refused. */
export const BLOCKS: readonly BlockRow[] = [
  {
    type: 'text',
    roles: ['user', 'assistant', 'system'],
    isClosed: true,
    fields: [
      type,
      cacheControl,
      { field: 'text', shape: string, isRequired: true, source: REQUEST },
      { field: 'citations', shape: nullable(array), source: REQUEST },
    ],
  },
  {
    type: 'image',
    roles: ['user'],
    isClosed: true,
    fields: [type, cacheControl, { field: 'source', shape: object, isRequired: true, source: REQUEST }],
  },
  {
    type: 'document',
    roles: ['user'],
    isClosed: true,
    fields: [
      type,
      cacheControl,
      { field: 'source', shape: object, isRequired: true, source: REQUEST },
      { field: 'title', shape: nullable(string), source: REQUEST },
      { field: 'context', shape: nullable(string), source: REQUEST },
      { field: 'citations', shape: nullable(object), source: REQUEST },
    ],
  },
  {
    type: 'search_result',
    roles: ['user'],
    fields: [
      type,
      { field: 'source', shape: string, isRequired: true, source: REQUEST },
      { field: 'title', shape: string, isRequired: true, source: REQUEST },
      { field: 'content', shape: array, isRequired: true, source: REQUEST },
    ],
  },
  {
    type: 'tool_result',
    roles: ['user'],
    isClosed: true,
    fields: [
      type,
      cacheControl,
      { field: 'tool_use_id', shape: text(TOOL_ID), isRequired: true, source: IDS },
      { field: 'content', shape: either(string, array), source: REQUEST },
      { field: 'is_error', shape: boolean, source: REQUEST },
    ],
  },
  {
    type: 'tool_use',
    roles: ['assistant'],
    fields: [
      type,
      cacheControl,
      { field: 'id', shape: text(TOOL_ID), isRequired: true, source: IDS },
      { field: 'name', shape: text(/^[a-zA-Z0-9_-]{1,200}$/), isRequired: true, source: REQUEST },
      { field: 'input', shape: object, isRequired: true, source: REQUEST },
    ],
  },
  {
    type: 'thinking',
    roles: ['assistant'],
    isClosed: true,
    fields: [
      type,
      { field: 'thinking', shape: string, isRequired: true, source: REQUEST },
      { field: 'signature', shape: filledString, isRequired: true, source: 'protocols.md 9.3' },
    ],
  },
  {
    type: 'redacted_thinking',
    roles: ['assistant'],
    isClosed: true,
    fields: [type, { field: 'data', shape: filledString, isRequired: true, source: REQUEST }],
  },
];

/** Blocks of server tools, MCP and betas, which the reference names without listing their fields: protocols.md 4.1, 4.2. */
export const SERVER_BLOCK =
  /^(server_tool_use|mcp_tool_use|[a-z_]+_tool_result|compaction|fallback|container_upload|tool_addition|tool_reference)$/;

export const TOOL_RESULT_PARTS = ['text', 'image', 'document', 'search_result', 'tool_reference'];
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
