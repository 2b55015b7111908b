import { fitInputSchema, refuseDemandedTool, refuseUnmetChoice } from '@proxycast/conversion';
import type {
  ChatRequest,
  ChatTool,
  EncodeRequestContext,
  FunctionTool,
  McpServer,
  ServerTool,
  ToolChoice,
  WebSearchOptions,
} from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { encodeCacheControl } from './cache-control.ts';
import { clientToolOf } from './client-tools.ts';
import { closeSchema } from './close-schema.ts';
import { ownFields, ownObject } from './dialect.ts';
import type { Content } from './encode-block.ts';
import type { ModelTraits } from './model-traits.ts';

export interface EncodedTools {
  readonly tools: Content[];
  readonly mcpServers: readonly JsonObject[];
  /** Features of the API the tools need, as `anthropic-beta` names them. */
  readonly betas: readonly string[];
}

export interface ToolEncoding extends Pick<EncodeRequestContext, 'report'> {
  readonly traits: ModelTraits;
  readonly isOwn: boolean;
}

/** The tools, those of the service's as far as both sides have them. */
export function encodeTools(request: ChatRequest, encoding: ToolEncoding): EncodedTools {
  const { tools, toolChoice } = request;
  const encoded: Content[] = [];
  const mcpServers: JsonObject[] = [];
  const names = new Set<unknown>();
  const add = (tool: Content | undefined, field: string): void => {
    if (tool === undefined) return;
    // A toolset has no name; of two tools of one name the API takes neither.
    if (tool.name !== undefined && names.has(tool.name)) {
      encoding.report(field, 'dropped');
      return;
    }
    names.add(tool.name);
    encoded.push(tool);
  };
  tools.forEach((tool, index) => {
    const field = `tools.${index}`;
    if (!isAllowed(tool, toolChoice)) return;
    if (tool.type !== 'server') {
      if (tool.type === 'function') add(encodeFunction(tool, field, encoding), field);
      return;
    }
    if (tool.mcp !== undefined) mcpServers.push(encodeMcpServer(tool.mcp, tool));
    add(encodeServerTool(tool, field, encoding, toolChoice), field);
  });
  refuseUnmetChoice(request, encoded.length);
  if (toolChoice?.type === 'allowed') encoding.report('tool_choice', 'changed');
  const needsToolset = !encoding.isOwn && mcpServers.length > 0;
  return { tools: encoded, mcpServers, betas: needsToolset ? ['mcp-client-2025-11-20'] : [] };
}

/** The dialect cannot allow some of the tools: the others are left out. */
function isAllowed(tool: ChatTool, choice: ToolChoice | undefined): boolean {
  return choice?.type !== 'allowed' || choice.names.includes(tool.name);
}

function encodeFunction(tool: FunctionTool, field: string, { traits, isOwn, report }: ToolEncoding): Content {
  const own = ownFields(tool.extensions);
  if (typeof own.type === 'string' && clientToolOf(own.type) !== undefined) return { ...own, ...marked(tool) };
  const takesStrict = isOwn || traits.takesSchemas;
  const fitted = fitInputSchema(tool.inputSchema);
  const schema = takesStrict && tool.isStrict === true ? closeSchema(fitted) : fitted;
  if (schema !== tool.inputSchema && Object.keys(tool.inputSchema).length > 0) report(field, 'changed');
  if (tool.isStrict === true && !takesStrict) report(`${field}.strict`, 'dropped');
  return {
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: schema,
    ...(tool.isStrict === undefined || !takesStrict ? {} : { strict: tool.isStrict }),
    ...own,
    ...marked(tool),
  };
}

const marked = ({ cache }: ChatTool): JsonObject =>
  cache === undefined ? {} : { cache_control: encodeCacheControl(cache) };

function encodeServerTool(
  tool: ServerTool,
  field: string,
  { report }: ToolEncoding,
  choice: ToolChoice | undefined,
): Content | undefined {
  const { server: _, ...own } = ownFields(tool.extensions);
  if (typeof own.type === 'string') return { ...own, ...marked(tool) };
  switch (tool.tool) {
    case 'web-search':
      return { ...encodeWebSearch(tool.webSearch ?? {}, field, report), ...marked(tool) };
    case 'web-fetch':
      return { type: 'web_fetch_20250910', name: 'web_fetch', ...marked(tool) };
    case 'code-execution':
      return { type: 'code_execution_20250825', name: 'code_execution', ...marked(tool) };
    case 'mcp':
      if (tool.mcp !== undefined) return 'server' in ownFields(tool.extensions) ? undefined : toolsetOf(tool.mcp);
      break;
    default:
  }
  refuseDemandedTool(tool, choice);
  report(field, 'dropped');
  return undefined;
}

function encodeWebSearch(
  { allowedDomains, blockedDomains, maxUses, userLocation }: WebSearchOptions,
  field: string,
  report: ToolEncoding['report'],
): Content {
  const isAllowing = allowedDomains !== undefined && allowedDomains.length > 0;
  const isBlocking = blockedDomains !== undefined && blockedDomains.length > 0;
  // The API takes one of the two, and what is allowed leaves the other out already.
  if (isAllowing && isBlocking) report(`${field}.blocked_domains`, 'dropped');
  return {
    type: 'web_search_20250305',
    name: 'web_search',
    ...(maxUses === undefined ? {} : { max_uses: maxUses }),
    ...(isAllowing ? { allowed_domains: allowedDomains } : isBlocking ? { blocked_domains: blockedDomains } : {}),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

function encodeMcpServer({ label, url, authorization }: McpServer, tool: ServerTool): JsonObject {
  return {
    type: 'url',
    ...ownObject(tool.extensions, 'server'),
    name: label,
    url,
    ...(authorization === undefined ? {} : { authorization_token: authorization }),
  };
}

/** Which of a server's tools there are. */
function toolsetOf({ label, allowedTools }: McpServer): Content {
  const base = { type: 'mcp_toolset', mcp_server_name: label };
  if (allowedTools === undefined) return base;
  return {
    ...base,
    default_config: { enabled: false },
    configs: Object.fromEntries(allowedTools.map((name) => [name, { enabled: true }])),
  };
}

/**
 * The tools that the history tells of, where the request has none: the API refuses calls and results without any tools.
 */
export function toolsOfHistory(messages: readonly { readonly content: readonly Content[] }[]): Content[] {
  const names = new Set<string>();
  for (const { content } of messages) {
    for (const { type, name } of content) if (type === 'tool_use' && typeof name === 'string') names.add(name);
  }
  return [...names].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
}
