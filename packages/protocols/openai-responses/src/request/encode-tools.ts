import { refuseDemandedTool } from '@proxycast/conversion';
import {
  type ChatTool,
  type CustomTool,
  type FunctionTool,
  type JsonObject,
  type ReportChange,
  type ServerTool,
  type ToolChoice,
  unreachable,
  type WebSearchOptions,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { ownFields } from '../own-fields.ts';
import { isAddedByItem } from './decode-tools.ts';
import { fitSchema } from './fit-schema.ts';
import { isStrictSchema } from './is-strict-schema.ts';

export interface ToolContext {
  /** The client asked in this dialect: its tools are written as they were. */
  readonly isOwn: boolean;
  readonly report: ReportChange;
  readonly choice?: ToolChoice;
}

/** Tools in their order; those of one namespace that follow each other are one tool again. */
export function encodeTools(tools: readonly ChatTool[], context: ToolContext): readonly JsonObject[] {
  const encoded: JsonObject[] = [];
  let namespace: { readonly name: string; readonly tools: JsonObject[] } | undefined;
  tools.forEach((tool, index) => {
    if (context.isOwn && isAddedByItem(tool)) return;
    const one = encodeTool(tool, index, context);
    if (one === undefined) return;
    const name = tool.type === 'server' ? undefined : tool.namespace;
    if (name === undefined) {
      namespace = undefined;
      encoded.push(one);
      return;
    }
    const rest = ownFields(tool.extensions)?.['namespace'];
    if (namespace?.name === name && !isObject(rest)) {
      namespace.tools.push(one);
      return;
    }
    namespace = { name, tools: [one] };
    encoded.push({
      type: 'namespace',
      name,
      description: name,
      ...(isObject(rest) ? rest : {}),
      tools: namespace.tools,
    });
  });
  return encoded;
}

function encodeTool(tool: ChatTool, index: number, context: ToolContext): JsonObject | undefined {
  switch (tool.type) {
    case 'function':
      return encodeFunction(tool, index, context);
    case 'custom':
      return encodeCustom(tool);
    case 'server':
      return encodeServerTool(tool, index, context);
    default:
      return unreachable(tool);
  }
}

function encodeFunction(tool: FunctionTool, index: number, { isOwn, report }: ToolContext): JsonObject {
  const { name, description, inputSchema, isStrict } = tool;
  const { schema, isWeaker } =
    isOwn && Object.keys(inputSchema).length > 0 ? { schema: inputSchema, isWeaker: false } : fitSchema(inputSchema);
  if (isWeaker) report(`tools.${index}.input_schema`, 'changed');
  const isTaken = isOwn || isStrict !== true || isStrictSchema(schema);
  if (!isTaken) report(`tools.${index}.strict`, 'changed');
  // Absent means strict here, which few schemas written for other dialects would pass.
  const strict = isOwn ? isStrict : isTaken && isStrict === true;
  return {
    type: 'function',
    name,
    ...(description === undefined ? {} : { description }),
    parameters: schema,
    ...(strict === undefined ? {} : { strict }),
    ...ownRest(tool),
  };
}

function encodeCustom(tool: CustomTool): JsonObject {
  const { name, description, grammar } = tool;
  return {
    type: 'custom',
    name,
    ...(description === undefined ? {} : { description }),
    ...(grammar === undefined ? {} : { format: { type: 'grammar', ...grammar } }),
    ...ownRest(tool),
  };
}

function ownRest({ extensions }: FunctionTool | CustomTool): JsonObject {
  const { namespace: _, ...rest } = ownFields(extensions) ?? {};
  return rest;
}

function encodeServerTool(tool: ServerTool, index: number, { report, choice }: ToolContext): JsonObject | undefined {
  const own = ownFields(tool.extensions);
  if (own !== undefined) return own;
  switch (tool.tool) {
    case 'web-search':
      if (tool.webSearch?.maxUses !== undefined) report(`tools.${index}.max_uses`, 'dropped');
      return { type: 'web_search', ...encodeWebSearch(tool.webSearch ?? {}) };
    case 'code-execution':
      return { type: 'code_interpreter', container: { type: 'auto' } };
    case 'image-generation':
      return { type: 'image_generation' };
    case 'mcp': {
      const { mcp } = tool;
      if (mcp === undefined) break;
      return {
        type: 'mcp',
        server_label: labelOf(mcp.label),
        server_url: mcp.url,
        ...(mcp.authorization === undefined ? {} : { authorization: mcp.authorization }),
        ...(mcp.allowedTools === undefined ? {} : { allowed_tools: mcp.allowedTools }),
        // Other dialects never ask before a call.
        require_approval: 'never',
      };
    }
    default:
  }
  refuseDemandedTool(tool, choice);
  report(`tools.${index}`, 'dropped');
  return undefined;
}

function encodeWebSearch({ allowedDomains, blockedDomains, contextSize, userLocation }: WebSearchOptions): JsonObject {
  const filters = {
    ...(allowedDomains === undefined ? {} : { allowed_domains: allowedDomains }),
    ...(blockedDomains === undefined ? {} : { blocked_domains: blockedDomains }),
  };
  return {
    ...(Object.keys(filters).length === 0 ? {} : { filters }),
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

/** Letters, digits, `-` and `_`, beginning with a letter. */
export function labelOf(label: string): string {
  const fitted = label.replace(/[^a-zA-Z0-9_-]/g, '_');
  return /^[a-zA-Z]/.test(fitted) ? fitted : `mcp_${fitted}`;
}
