import type { ServerToolKind } from '@proxycast/spec';

/**
 * By the beginnings of names: of tools (`web_search_20260209`), of calls (`bash_code_execution`) and of results
 * (`web_search_tool_result`). The longer stands before the one it begins with.
 */
const KINDS: readonly (readonly [string, ServerToolKind])[] = [
  ['web_search', 'web-search'],
  ['web_fetch', 'web-fetch'],
  ['code_execution', 'code-execution'],
  ['bash_code_execution', 'code-execution'],
  ['text_editor_code_execution', 'code-execution'],
  ['tool_search', 'tool-search'],
  ['mcp', 'mcp'],
  ['bash', 'shell'],
  ['text_editor', 'text-editor'],
  ['str_replace', 'text-editor'],
  ['memory', 'memory'],
  ['computer', 'computer'],
];

export function serverToolKind(name: string): ServerToolKind {
  return KINDS.find(([start]) => name.startsWith(start))?.[1] ?? 'other';
}

const IDS = /^(srvtoolu|mcptoolu)_/;

/**
 * Whether the service itself gave a call of its tools this id. One that came through a conversion has another, and what
 * it found lacks the encrypted text without which the API refuses it in a later turn.
 */
export const isServerToolId = (id: string): boolean => IDS.test(id);
