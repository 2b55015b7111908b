import type {
  ChatTool,
  CustomTool,
  FunctionTool,
  JsonObject,
  McpServer,
  ServerTool,
  WebSearchOptions,
} from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { mapServerTool } from '../item/map-server-tool.ts';
import { DIALECT, ownFields, restOf } from '../own-fields.ts';
import { invalidField } from './invalid-field.ts';

export function decodeTools(tools: unknown): readonly ChatTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw invalidField('tools', "'tools' must be a list of tools.");
  return tools.flatMap((tool: unknown, index) => decodeTool(tool, `tools[${index}]`));
}

/**
 * Tools that an item of the conversation adds, but for those that were declared already and only put off. They are
 * written in their item again, and are tools like others elsewhere.
 */
export function decodeAddedTools(input: unknown, declared: readonly ChatTool[]): readonly ChatTool[] {
  if (!Array.isArray(input)) return [];
  return input.flatMap((item: unknown, index): readonly ChatTool[] => {
    if (!isObject(item) || item['type'] !== 'additional_tools' || !Array.isArray(item['tools'])) return [];
    return item['tools']
      .flatMap((tool: unknown, place) => decodeTool(tool, `input[${index}].tools[${place}]`))
      .filter((tool) => !declared.some((known) => known.type === tool.type && known.name === tool.name))
      .map((tool) => ({ ...tool, extensions: { [DIALECT]: { ...tool.extensions?.[DIALECT], [ADDED_BY]: index } } }));
  });
}

/** Names the item by its place. */
const ADDED_BY = 'addedByItem';

export const isAddedByItem = ({ extensions }: ChatTool): boolean => ownFields(extensions)?.[ADDED_BY] !== undefined;

function decodeTool(tool: unknown, field: string): readonly ChatTool[] {
  if (!isObject(tool)) throw invalidField(field, `'${field}' must be an object.`);
  switch (tool['type']) {
    case 'function':
      return [decodeFunction(tool, field)];
    case 'custom':
      return [decodeCustom(tool, field)];
    case 'namespace':
      return decodeNamespace(tool, field);
    default:
      if (typeof tool['type'] === 'string') return [decodeServerTool(tool, tool['type'])];
      throw invalidField(`${field}.type`, `Missing required parameter: '${field}.type'.`);
  }
}

const FUNCTION_FIELDS = new Set(['type', 'name', 'description', 'parameters']);

function decodeFunction(tool: JsonObject, field: string): FunctionTool {
  const { parameters, strict } = tool;
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw invalidField(`${field}.parameters`, `'${field}.parameters' must be a JSON Schema object.`);
  }
  const { strict: unset, ...rest } = restOf(tool, FUNCTION_FIELDS) ?? {};
  const isStrict = typeof strict === 'boolean' ? strict : undefined;
  return {
    type: 'function',
    ...nameAndDescription(tool, field),
    inputSchema: isObject(parameters) ? parameters : {},
    ...(isStrict === undefined ? {} : { isStrict }),
    // Null and absent both leave it to the service, and it says back which it was.
    ...extended(isStrict === undefined && unset !== undefined ? { ...rest, strict: unset } : rest),
  };
}

const CUSTOM_FIELDS = new Set(['type', 'name', 'description', 'format']);

function decodeCustom(tool: JsonObject, field: string): CustomTool {
  const format = isObject(tool['format']) ? tool['format'] : undefined;
  const definition = format?.['definition'];
  const isGrammar = format?.['type'] === 'grammar' && typeof definition === 'string';
  return {
    type: 'custom',
    ...nameAndDescription(tool, field),
    ...(isGrammar ? { grammar: { syntax: textOf(format['syntax']) ?? 'lark', definition } } : {}),
    ...extended({
      ...restOf(tool, CUSTOM_FIELDS),
      ...(isGrammar || tool['format'] === undefined ? {} : { format: tool['format'] }),
    }),
  };
}

/** What a namespace says of itself goes with its first tool; one without tools is kept as it is. */
function decodeNamespace(tool: JsonObject, field: string): readonly ChatTool[] {
  const { tools } = tool;
  const namespace = textOf(tool['name']);
  if (namespace === undefined) throw invalidField(`${field}.name`, `Missing required parameter: '${field}.name'.`);
  if (!Array.isArray(tools) || tools.length === 0) return [decodeServerTool(tool, 'namespace')];
  const rest = restOf(tool, NAMESPACE_FIELDS) ?? {};
  return tools.flatMap((inner: unknown, index) => {
    const at = `${field}.tools[${index}]`;
    return decodeTool(inner, at).map((decoded): ChatTool => {
      if (decoded.type === 'server') return decoded;
      const own = index === 0 ? { ...decoded.extensions?.[DIALECT], namespace: rest } : decoded.extensions?.[DIALECT];
      return { ...decoded, namespace, ...(own === undefined ? {} : { extensions: { [DIALECT]: own } }) };
    });
  });
}

const NAMESPACE_FIELDS = new Set(['type', 'name', 'tools']);

function nameAndDescription(tool: JsonObject, field: string) {
  const { name, description } = tool;
  if (typeof name !== 'string' || name === '') {
    throw invalidField(`${field}.name`, `Missing required parameter: '${field}.name'.`);
  }
  return typeof description === 'string' ? { name, description } : { name };
}

const extended = (own: JsonObject) => (Object.keys(own).length === 0 ? {} : { extensions: { [DIALECT]: own } });

function decodeServerTool(tool: JsonObject, type: string): ServerTool {
  const kind = mapServerTool(type);
  const mcp = kind === 'mcp' ? decodeMcp(tool) : undefined;
  return {
    type: 'server',
    tool: kind,
    name: type,
    ...(kind === 'web-search' ? { webSearch: decodeWebSearch(tool) } : {}),
    ...(mcp === undefined ? {} : { mcp }),
    extensions: { [DIALECT]: tool },
  };
}

const CONTEXT_SIZES = ['low', 'medium', 'high'] as const;

function decodeWebSearch(tool: JsonObject): WebSearchOptions {
  const filters = isObject(tool['filters']) ? tool['filters'] : {};
  const allowedDomains = textsOf(filters['allowed_domains']);
  // xAI's word for the same.
  const blockedDomains = textsOf(filters['blocked_domains']) ?? textsOf(filters['excluded_domains']);
  const contextSize = CONTEXT_SIZES.find((size) => size === tool['search_context_size']);
  const location = isObject(tool['user_location']) ? decodeLocation(tool['user_location']) : undefined;
  return {
    ...(allowedDomains === undefined ? {} : { allowedDomains }),
    ...(blockedDomains === undefined ? {} : { blockedDomains }),
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(location === undefined ? {} : { userLocation: location }),
  };
}

function decodeLocation(location: JsonObject): WebSearchOptions['userLocation'] {
  const [city, region, country, timezone] = ['city', 'region', 'country', 'timezone'].map((name) =>
    textOf(location[name]),
  );
  return {
    ...(city === undefined ? {} : { city }),
    ...(region === undefined ? {} : { region }),
    ...(country === undefined ? {} : { country }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

/** `undefined` for a connector of the service's own, which nobody else can reach. */
function decodeMcp(tool: JsonObject): McpServer | undefined {
  const url = textOf(tool['server_url']);
  if (url === undefined) return undefined;
  const allowed = tool['allowed_tools'];
  const authorization = textOf(tool['authorization']);
  const allowedTools = textsOf(isObject(allowed) ? allowed['tool_names'] : allowed);
  return {
    label: textOf(tool['server_label']) ?? url,
    url,
    ...(authorization === undefined ? {} : { authorization }),
    ...(allowedTools === undefined ? {} : { allowedTools }),
  };
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((entry) => typeof entry === 'string');
  return texts.length === 0 ? undefined : texts;
}
