import type { ChatTool, FunctionTool, JsonObject, ServerTool } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { decodeSchema } from './decode-schema.ts';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';
import { refusal } from './refusal.ts';
import { mapDeclaredTool } from './server-tool-kinds.ts';

/** An entry of `tools[]` may declare functions and tools of the service side by side: each becomes a tool of its own. */
export function decodeTools(tools: unknown): readonly ChatTool[] {
  return listOf(tools).flatMap((tool, index) => {
    const field = `tools[${index}]`;
    if (!isObject(tool)) throw refusal(field, `${field}: must be an object.`);
    return Object.entries(fieldsOf(tool)).flatMap(([name, value]): readonly ChatTool[] =>
      name === 'functionDeclarations'
        ? listOf(value).map((declared, at) => decodeDeclaration(declared, `${field}.functionDeclarations[${at}]`))
        : decodeServerTool(name, value),
    );
  });
}

function decodeDeclaration(declared: unknown, field: string): FunctionTool {
  if (!isObject(declared)) throw refusal(field, `${field}: must be an object with a name.`);
  const { name, description, ...rest } = fieldsOf(declared);
  const { parameters, parametersJsonSchema } = rest;
  if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `${field}.name: a name is required.`);
  if (parameters !== undefined && !isObject(parameters)) {
    throw refusal(`${field}.parameters`, `${field}.parameters: must be a schema object.`);
  }
  const kept = extensionOf(rest);
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    inputSchema: isObject(parametersJsonSchema)
      ? parametersJsonSchema
      : parameters === undefined
        ? {}
        : decodeSchema(parameters),
    ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
  };
}

function decodeServerTool(name: string, value: unknown): readonly ServerTool[] {
  const tool = mapDeclaredTool(name);
  if (tool === 'mcp') return listOf(value).map(decodeMcpServer);
  const extensions = { [GEMINI]: { [name]: value } };
  const excluded = tool === 'web-search' && isObject(value) ? fieldsOf(value).excludeDomains : undefined;
  const blockedDomains = Array.isArray(excluded) ? excluded.filter((domain) => typeof domain === 'string') : [];
  return [
    {
      type: 'server',
      tool,
      name,
      ...(blockedDomains.length === 0 ? {} : { webSearch: { blockedDomains } }),
      extensions,
    },
  ];
}

function decodeMcpServer(value: unknown): ServerTool {
  const server: JsonObject = isObject(value) ? fieldsOf(value) : {};
  const transport = isObject(server.streamableHttpTransport) ? fieldsOf(server.streamableHttpTransport) : {};
  const headers = isObject(transport.headers) ? transport.headers : {};
  const url = textOf(transport.url);
  const authorization = textOf(headers.Authorization) ?? textOf(headers.authorization);
  return {
    type: 'server',
    tool: 'mcp',
    name: 'mcpServers',
    ...(url === undefined
      ? {}
      : {
          mcp: {
            label: textOf(server.name) ?? 'mcp',
            url,
            ...(authorization === undefined ? {} : { authorization: authorization.replace(/^Bearer /i, '') }),
          },
        }),
    extensions: { [GEMINI]: { mcpServers: value } },
  };
}
