import { fitInputSchema, refuseDemandedTool } from '@proxycast/conversion';
import type { ChatRequest, ChatTurn, FunctionTool, JsonObject, ReportChange } from '@proxycast/spec';
import type { ModelTraits } from './model-traits.ts';

interface ToolContext {
  readonly traits: ModelTraits;
  readonly isThinking: boolean;
  readonly report: ReportChange;
}

/**
 * Tools and choice. A history with calls needs its tools declared, so that a choice of `none` keeps them and leaves the
 * choice to the model.
 */
export function encodeTools(
  request: ChatRequest,
  turns: readonly ChatTurn[],
  context: ToolContext,
): JsonObject | undefined {
  const { tools, toolChoice } = request;
  const { report, traits } = context;
  const functions = tools.filter((tool): tool is FunctionTool => tool.type === 'function');
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'server') continue;
    refuseDemandedTool(tool, toolChoice);
    report(`tools.${index}`, 'dropped');
  }
  const allowed =
    toolChoice?.type === 'allowed' ? functions.filter(({ name }) => toolChoice.names.includes(name)) : functions;
  if (allowed.length < functions.length) report('tool_choice', 'changed');
  const hasHistory = turns.some(({ blocks }) =>
    blocks.some(({ type }) => type === 'tool-call' || type === 'tool-result'),
  );
  if (toolChoice?.type === 'none') {
    if (!hasHistory) return undefined;
    report('tool_choice', 'dropped');
  }
  const declared = allowed.length > 0 || !hasHistory ? allowed.map(encodeTool) : declareFromHistory(turns);
  if (declared.length === 0) return undefined;
  const isCached = traits.takesCachePoints && functions.some(({ cache }) => cache !== undefined);
  const choice = encodeChoice(request, context);
  return {
    tools: isCached ? [...declared, { cachePoint: { type: 'default' } }] : declared,
    ...(choice === undefined ? {} : { toolChoice: choice }),
  };
}

/** Claude behind it refuses a schema that is no plain object at its top, and so do others. */
function encodeTool({ name, description, inputSchema }: FunctionTool): JsonObject {
  return {
    toolSpec: {
      name,
      ...(description === undefined || description === '' ? {} : { description }),
      inputSchema: { json: fitInputSchema(inputSchema) },
    },
  };
}

function encodeChoice({ toolChoice }: ChatRequest, { isThinking, report }: ToolContext): JsonObject | undefined {
  switch (toolChoice?.type) {
    case 'required':
      return isThinking ? undefined : { any: {} };
    case 'named':
      return isThinking ? undefined : { tool: { name: toolChoice.name } };
    case 'allowed':
      return toolChoice.mode === 'required' ? { any: {} } : { auto: {} };
    case 'auto':
      return { auto: {} };
    case 'server':
      report('tool_choice', 'dropped');
      return undefined;
    default:
      return undefined;
  }
}

/** Converse refuses a history with calls of tools that nobody declared. */
function declareFromHistory(turns: readonly ChatTurn[]): readonly JsonObject[] {
  const names = new Set<string>();
  for (const { blocks } of turns) for (const block of blocks) if (block.type === 'tool-call') names.add(block.name);
  return [...names].map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object', properties: {} } } } }));
}
