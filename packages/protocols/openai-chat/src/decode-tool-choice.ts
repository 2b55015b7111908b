import type { ChatTool, ToolChoice } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';

/** `undefined` for a choice nobody but the service it is meant for understands. */
export function decodeToolChoice(
  { tool_choice: choice, function_call: old }: JsonObject,
  tools: readonly ChatTool[],
): ToolChoice | undefined {
  if (choice === undefined || choice === null) return decodeFunctionChoice(old);
  if (typeof choice === 'string') return wordOf(choice);
  if (!isObject(choice)) return undefined;
  const { type, function: called, custom, allowed_tools: allowed } = choice;
  if (isObject(allowed)) return decodeAllowed(allowed);
  const held = isObject(called) ? called : isObject(custom) ? custom : undefined;
  const name = textOf(held?.name);
  if (name !== undefined) return { type: 'named', name, kind: held === custom ? 'custom' : 'function' };
  const server = tools.find((tool) => tool.type === 'server' && tool.name === type);
  return server?.type === 'server' ? { type: 'server', tool: server.tool, name: server.name } : undefined;
}

function wordOf(choice: string): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  // Mistral's word.
  return choice === 'any' ? { type: 'required' } : undefined;
}

function decodeFunctionChoice(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none') return { type: choice };
  const name = isObject(choice) ? textOf(choice.name) : undefined;
  return name === undefined ? undefined : { type: 'named', name, kind: 'function' };
}

function decodeAllowed({ mode, tools }: JsonObject): ToolChoice {
  const names = (Array.isArray(tools) ? tools : []).flatMap((tool: unknown) => {
    if (!isObject(tool)) return [];
    const held = isObject(tool.function) ? tool.function : isObject(tool.custom) ? tool.custom : tool;
    return textOf(held.name) ?? [];
  });
  return { type: 'allowed', mode: mode === 'required' ? 'required' : 'auto', names };
}
