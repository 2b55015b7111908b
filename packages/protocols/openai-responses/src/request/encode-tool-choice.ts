import { type ChatTool, InvalidRequestError, type JsonObject, type ToolChoice, unreachable } from '@proxycast/spec';
import { labelOf } from './encode-tools.ts';

/** `tools` are those that are sent, in neutral form; `undefined` where the choice has nothing to choose from. */
export function encodeToolChoice(
  choice: ToolChoice | undefined,
  tools: readonly ChatTool[],
): JsonObject | string | undefined {
  if (choice === undefined || tools.length === 0) return undefined;
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'named':
      return tools.some((tool) => tool.type !== 'server' && tool.name === choice.name)
        ? { type: choice.kind ?? kindOf(choice.name, tools), name: choice.name }
        : serverChoice(choice.name, tools);
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.mode,
        tools: choice.names.map((name) => ({ type: kindOf(name, tools), name })),
      };
    case 'server': {
      const tool = tools.find((candidate) => candidate.type === 'server' && candidate.tool === choice.tool);
      if (tool?.type !== 'server') throw notHere(choice.name);
      return choiceOf(tool);
    }
    default:
      return unreachable(choice);
  }
}

function kindOf(name: string, tools: readonly ChatTool[]): 'function' | 'custom' {
  return tools.find((tool) => tool.type !== 'server' && tool.name === name)?.type === 'custom' ? 'custom' : 'function';
}

/** Some dialects choose their services' tools by name as well. */
function serverChoice(name: string, tools: readonly ChatTool[]): JsonObject {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool?.type !== 'server') throw notHere(name);
  return choiceOf(tool);
}

const TYPES: Readonly<Record<string, string>> = {
  'web-search': 'web_search',
  'code-execution': 'code_interpreter',
  'image-generation': 'image_generation',
};

function choiceOf(tool: Extract<ChatTool, { readonly type: 'server' }>): JsonObject {
  if (tool.mcp !== undefined) return { type: 'mcp', server_label: labelOf(tool.mcp.label) };
  const type = TYPES[tool.tool];
  if (type === undefined) throw notHere(tool.name);
  return { type };
}

const notHere = (name: string): InvalidRequestError =>
  new InvalidRequestError({
    message: `The tool ${JSON.stringify(name.slice(0, 100))}, which must be called, is not available with this model. Choose another or leave the choice out.`,
    field: 'tool_choice',
  });
