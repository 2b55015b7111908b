import { refuseDemandedTool, refuseUnmetChoice } from '@proxycast/conversion';
import type { ChatRequest, ChatTool, FunctionTool, JsonObject, ReportChange, ServerTool } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { encodeCacheControl } from './cache-control.ts';
import type { ChatQuirks } from './chat-variant.ts';
import { WEB_SEARCH_OPTIONS } from './decode-tools.ts';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { encodeWebSearch } from './encode-web-search.ts';
import { invalidField } from './invalid-field.ts';
import { isStrictSchema } from './is-strict-schema.ts';
import type { ModelTraits } from './model-traits.ts';
import { objectSchemaOf } from './object-schema.ts';

export interface ToolTarget {
  readonly quirks: ChatQuirks;
  readonly traits: ModelTraits;
  readonly report: ReportChange;
}

/** What stands in `tools`, in the old `functions`, and in fields of its own; the choice among them is apart. */
export interface EncodedTools {
  readonly tools: readonly JsonObject[];
  readonly functions: readonly JsonObject[];
  readonly fields: JsonObject;
}

export function encodeTools(request: ChatRequest, target: ToolTarget): EncodedTools {
  const tools: JsonObject[] = [];
  const functions: JsonObject[] = [];
  const fields: Record<string, unknown> = {};
  for (const [index, tool] of request.tools.entries()) {
    if (tool.type === 'server') {
      encodeServerTool(request, tool, index, target, { tools, fields });
    } else if (!target.quirks.tools) {
      refuseNeeded(request, tool);
      target.report(`tools.${index}`, 'dropped');
    } else if (ownFieldsOf(tool).form === 'functions') {
      functions.push(encodeDefinition(request, tool, index, target));
    } else tools.push(encodeTool(request, tool, index, target));
  }
  refuseUnmetChoice(request, tools.length + functions.length + Object.keys(fields).length);
  return { tools, functions, fields };
}

function encodeTool(
  request: ChatRequest,
  tool: Exclude<ChatTool, ServerTool>,
  index: number,
  target: ToolTarget,
): JsonObject {
  const { definition: _, ...outside } = ownFieldsOf(tool);
  const cache = target.quirks.cacheControl ? tool.cache : undefined;
  return {
    type: tool.type,
    [tool.type]: encodeDefinition(request, tool, index, target),
    ...outside,
    ...(cache === undefined ? {} : { cache_control: encodeCacheControl(cache) }),
  };
}

function encodeDefinition(
  request: ChatRequest,
  tool: Exclude<ChatTool, ServerTool>,
  index: number,
  target: ToolTarget,
): JsonObject {
  const { definition } = ownFieldsOf(tool);
  const head = {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(isObject(definition) ? definition : {}),
  };
  if (tool.type === 'custom') return { ...head, ...formatOf(tool.grammar) };
  // As the client wrote it: the service knows its own dialect's schemas.
  if (request.protocol === DIALECT) return { ...head, parameters: parametersOf(tool), ...strictOf(tool, target) };
  const parameters = objectSchemaOf(tool.inputSchema);
  const isLoose = tool.isStrict === true && !isStrictSchema(parameters);
  if (isLoose) target.report(`tools.${index}`, 'changed');
  return { ...head, parameters, ...strictOf(isLoose ? { isStrict: false } : tool, target) };
}

function strictOf({ isStrict }: Pick<FunctionTool, 'isStrict'>, { quirks }: ToolTarget): JsonObject {
  return isStrict === undefined || quirks.unsupported.includes('strict') ? {} : { strict: isStrict };
}

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

const parametersOf = ({ inputSchema }: FunctionTool): JsonObject =>
  Object.keys(inputSchema).length === 0 ? NO_PARAMETERS : inputSchema;

const formatOf = (grammar: { readonly syntax: string; readonly definition: string } | undefined): JsonObject =>
  grammar === undefined ? {} : { format: { type: 'grammar', grammar } };

function encodeServerTool(
  request: ChatRequest,
  tool: ServerTool,
  index: number,
  target: ToolTarget,
  out: { readonly tools: JsonObject[]; readonly fields: Record<string, unknown> },
): void {
  const own = ownFieldsOf(tool);
  if (isObject(own.options)) {
    out.fields[WEB_SEARCH_OPTIONS] = own.options;
    return;
  }
  if (isObject(own.tool)) {
    out.tools.push(own.tool);
    return;
  }
  const search = tool.tool === 'web-search' ? encodeWebSearch(tool, index, target) : undefined;
  if (search === undefined) {
    refuseDemandedTool(tool, request.toolChoice);
    target.report(`tools.${index}`, 'dropped');
    return;
  }
  if (search.tool !== undefined) out.tools.push(search.tool);
  Object.assign(out.fields, search.fields);
}

/** An answer without the tool it was to come from would be another answer. */
function refuseNeeded({ toolChoice }: ChatRequest, tool: Exclude<ChatTool, ServerTool>): void {
  const isNamed = toolChoice?.type === 'named' && toolChoice.name === tool.name;
  if (isNamed || toolChoice?.type === 'required') {
    throw invalidField('tool_choice', `The tool ${tool.name} must be used and this upstream does not have it.`);
  }
}
