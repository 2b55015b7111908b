import type { ServerToolKind } from '@proxycast/spec';

const TOOLS: ReadonlyMap<unknown, ServerToolKind> = new Map([
  ['file_search', 'file-search'],
  ['code_interpreter', 'code-execution'],
  ['image_generation', 'image-generation'],
  ['computer', 'computer'],
  ['computer_use', 'computer'],
  ['computer_use_preview', 'computer'],
  ['mcp', 'mcp'],
  ['shell', 'shell'],
  ['local_shell', 'shell'],
  ['apply_patch', 'text-editor'],
  ['tool_search', 'tool-search'],
]);

/** A tool's or a choice's type → what it is. Dated types of web search begin with its name. */
export function mapServerTool(type: string): ServerToolKind {
  return TOOLS.get(type) ?? (type.startsWith('web_search') ? 'web-search' : 'other');
}

const CALLS: ReadonlyMap<unknown, ServerToolKind> = new Map([
  ['web_search_call', 'web-search'],
  ['file_search_call', 'file-search'],
  ['code_interpreter_call', 'code-execution'],
  ['computer_call', 'computer'],
  ['mcp_call', 'mcp'],
  ['shell_call', 'shell'],
  ['local_shell_call', 'shell'],
  ['apply_patch_call', 'text-editor'],
  ['tool_search_call', 'tool-search'],
  ['program', 'other'],
]);

/** An item's type → the tool whose call it is; `undefined` when it is none. */
export const mapServerCall = (type: unknown): ServerToolKind | undefined => CALLS.get(type);

const OUTPUTS: ReadonlyMap<unknown, ServerToolKind> = new Map([
  ['computer_call_output', 'computer'],
  ['shell_call_output', 'shell'],
  ['local_shell_call_output', 'shell'],
  ['apply_patch_call_output', 'text-editor'],
  ['tool_search_output', 'tool-search'],
  ['program_output', 'other'],
]);

/** An item's type → the tool whose result it is; `undefined` when it is none. */
export const mapServerOutput = (type: unknown): ServerToolKind | undefined => OUTPUTS.get(type);
