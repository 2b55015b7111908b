import {
  type ChatRequest,
  type ChatTool,
  InvalidRequestError,
  type ReportChange,
  type ToolChoice,
  unreachable,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { ownObject } from './dialect.ts';

/** `tool_choice`; `undefined` where the API's own default says the same. Without tools there is nothing to choose. */
export function encodeToolChoice(request: ChatRequest, isOwn: boolean, report: ReportChange): JsonObject | undefined {
  const { toolChoice, allowsParallelTools, extensions } = request;
  if (toolChoice === undefined && allowsParallelTools !== false) return undefined;
  const choice = toolChoice === undefined ? { type: 'auto' } : encodeChoice(toolChoice, request.tools, report);
  // Said of calls one at a time, of which `none` has none.
  const isSaid = choice.type !== 'none' && (allowsParallelTools === false || (isOwn && allowsParallelTools === true));
  return {
    ...choice,
    ...(isSaid ? { disable_parallel_tool_use: !allowsParallelTools } : {}),
    ...ownObject(extensions, 'tool_choice'),
  };
}

function encodeChoice(
  choice: ToolChoice,
  tools: readonly ChatTool[],
  report: ReportChange,
): { readonly type: string; readonly name?: string } {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'required':
      return { type: 'any' };
    case 'named':
      return { type: 'tool', name: choice.name };
    case 'allowed':
      return { type: choice.mode === 'required' ? 'any' : 'auto' };
    case 'server':
      if (choice.tool === 'mcp') return anyOf(tools, report);
      return { type: 'tool', name: SERVER_NAMES[choice.tool] ?? choice.name };
    default:
      return unreachable(choice);
  }
}

/** A server cannot be chosen, only any tool at all, which is the same where there is no other. */
function anyOf(tools: readonly ChatTool[], report: ReportChange): { readonly type: string } {
  if (tools.length > 1) {
    throw new InvalidRequestError({
      code: 'unsupported_tool',
      field: 'tool_choice',
      message: 'tool_choice: this model cannot be made to call one of several servers; leave the choice out.',
    });
  }
  report('tool_choice', 'changed');
  return { type: 'any' };
}

/** What the tools are called that other dialects name otherwise. */
const SERVER_NAMES: Partial<Record<(ToolChoice & { readonly type: 'server' })['tool'], string>> = {
  'web-search': 'web_search',
  'web-fetch': 'web_fetch',
  'code-execution': 'code_execution',
};

/** Whether the model has to call a tool: it cannot think before it does. */
export const isForced = (choice: JsonObject | undefined): boolean => choice?.type === 'any' || choice?.type === 'tool';
