import type { CacheMark, ChatTool, McpServer, WebSearchOptions } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { readCacheControl } from './cache-control.ts';
import { clientToolOf } from './client-tools.ts';
import { asExtensions, DIALECT, fieldsBeside } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { serverToolKind } from './server-tool-kind.ts';

/** `tools` and `mcp_servers` as one list: a server stands where its toolset does, else behind all tools. */
export function decodeTools(tools: unknown, mcpServers: unknown): readonly ChatTool[] {
  const servers = decodeMcpServers(mcpServers);
  const decoded = listOf(tools, 'tools').map((tool: unknown, index) => decodeTool(tool, `tools.${index}`, servers));
  for (const { mcp, fields, isTaken } of servers.values()) {
    if (isTaken) continue;
    decoded.push({ type: 'server', tool: 'mcp', name: 'mcp', mcp, extensions: { [DIALECT]: { server: fields } } });
  }
  return decoded;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidField(field, 'must be a list.');
  return value;
}

const FUNCTION = new Set(['name', 'description', 'input_schema', 'strict']);
const CACHED = 'cache_control';

function decodeTool(tool: unknown, field: string, servers: Map<string, ConnectedServer>): ChatTool {
  if (!isObject(tool)) throw invalidField(field, 'a tool must be an object.');
  const { type, name, description, input_schema: schema, strict } = tool;
  // Tools with a dated type run at the API, or have their schema there.
  if (typeof type === 'string' && type !== 'custom' && !isObject(schema)) return decodeServerTool(type, tool, servers);
  if (typeof name !== 'string' || name === '') throw invalidField(`${field}.name`, 'a name is required.');
  if (schema !== undefined && schema !== null && !isObject(schema)) {
    throw invalidField(`${field}.input_schema`, 'must be a JSON Schema object.');
  }
  const { cache, fields } = readMark(fieldsBeside(tool, FUNCTION));
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    inputSchema: schema ?? {},
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
    ...(cache === undefined ? {} : { cache }),
    ...asExtensions(fields),
  };
}

function readMark(fields: JsonObject): { readonly cache?: CacheMark; readonly fields: JsonObject } {
  const cache = readCacheControl(fields[CACHED]);
  if (cache === undefined) return { fields };
  const { [CACHED]: _, ...others } = fields;
  return { cache, fields: others };
}

function decodeServerTool(type: string, tool: JsonObject, servers: Map<string, ConnectedServer>): ChatTool {
  const kind = serverToolKind(type);
  const { cache, fields } = readMark(tool);
  const known = clientToolOf(type);
  if (known !== undefined && typeof tool.name === 'string') {
    // Whole, since this dialect's own services want it without a description and a schema.
    const marked = cache === undefined ? {} : { cache };
    return { type: 'function', name: tool.name, ...known, ...marked, extensions: { [DIALECT]: fields } };
  }
  const base = { type: 'server' as const, tool: kind, name: type, ...(cache === undefined ? {} : { cache }) };
  const server = type === 'mcp_toolset' ? servers.get(String(tool.mcp_server_name)) : undefined;
  if (server !== undefined) {
    server.isTaken = true;
    const allowedTools = server.mcp.allowedTools ?? allowedIn(tool);
    const mcp = { ...server.mcp, ...(allowedTools === undefined ? {} : { allowedTools }) };
    return { ...base, mcp, extensions: { [DIALECT]: { ...fields, server: server.fields } } };
  }
  return {
    ...base,
    ...(kind === 'web-search' ? { webSearch: decodeWebSearch(tool) } : {}),
    extensions: { [DIALECT]: fields },
  };
}

function decodeWebSearch(tool: JsonObject): WebSearchOptions {
  const allowedDomains = textsOf(tool.allowed_domains);
  const blockedDomains = textsOf(tool.blocked_domains);
  const { max_uses: maxUses, user_location: location } = tool;
  return {
    ...(allowedDomains === undefined ? {} : { allowedDomains }),
    ...(blockedDomains === undefined ? {} : { blockedDomains }),
    ...(typeof maxUses === 'number' ? { maxUses } : {}),
    ...(isObject(location) ? { userLocation: decodeLocation(location) } : {}),
  };
}

function decodeLocation(location: JsonObject): NonNullable<WebSearchOptions['userLocation']> {
  const city = textOf(location.city);
  const region = textOf(location.region);
  const country = textOf(location.country);
  const timezone = textOf(location.timezone);
  return {
    ...(city === undefined ? {} : { city }),
    ...(region === undefined ? {} : { region }),
    ...(country === undefined ? {} : { country }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((item) => typeof item === 'string');
}

interface ConnectedServer {
  readonly mcp: McpServer;
  /** As it was sent, without what `mcp` says. */
  readonly fields: JsonObject;
  /** A toolset among the tools names it. */
  isTaken: boolean;
}

const SERVER = new Set(['name', 'url', 'authorization_token']);

function decodeMcpServers(servers: unknown): Map<string, ConnectedServer> {
  const decoded = new Map<string, ConnectedServer>();
  listOf(servers, 'mcp_servers').forEach((server: unknown, index) => {
    const field = `mcp_servers.${index}`;
    if (!isObject(server)) throw invalidField(field, 'a server must be an object.');
    const { name, url } = server;
    if (typeof name !== 'string' || name === '') throw invalidField(`${field}.name`, 'a name is required.');
    if (typeof url !== 'string') throw invalidField(`${field}.url`, 'must be a URL.');
    const authorization = textOf(server.authorization_token);
    const { tool_configuration: configuration } = server;
    const allowedTools = isObject(configuration) ? textsOf(configuration.allowed_tools) : undefined;
    decoded.set(name, {
      mcp: {
        label: name,
        url,
        ...(authorization === undefined ? {} : { authorization }),
        ...(allowedTools === undefined ? {} : { allowedTools }),
      },
      fields: fieldsBeside(server, SERVER),
      isTaken: false,
    });
  });
  return decoded;
}

/** A toolset allows some of its tools by turning all off and these on. */
function allowedIn({ default_config: defaults, configs }: JsonObject): readonly string[] | undefined {
  if (!isObject(defaults) || defaults.enabled !== false || !isObject(configs)) return undefined;
  return Object.entries(configs)
    .filter(([, config]) => isObject(config) && config.enabled === true)
    .map(([name]) => name);
}
