import type { ChatTool, ServerToolKind, WebSearchOptions } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { decodeCacheControl } from './cache-control.ts';
import { ownExtensions } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { withoutNulls } from './without-nulls.ts';

/** The name of the tool that the field `web_search_options` stands for. */
export const WEB_SEARCH_OPTIONS = 'web_search_options';

export function decodeTools({ tools, functions, web_search_options: search }: JsonObject): readonly ChatTool[] {
  const decoded: ChatTool[] = [];
  for (const [index, tool] of listOf(tools, 'tools').entries()) decoded.push(decodeTool(tool, `tools[${index}]`));
  for (const [index, tool] of listOf(functions, 'functions').entries()) {
    decoded.push(decodeFunction(tool, `functions[${index}]`, { form: 'functions' }));
  }
  if (isObject(search)) decoded.push(decodeSearch(search));
  return decoded;
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidField(field, `'${field}' must be a list of ${field}.`);
  return value;
}

function decodeTool(tool: unknown, field: string): ChatTool {
  if (!isObject(tool)) throw invalidField(field, `'${field}' must be an object.`);
  const { type, function: declared, custom, cache_control: cacheControl, ...rest } = tool;
  const cache = decodeCacheControl(cacheControl);
  const marked = cache === undefined ? {} : { cache };
  // Mistral's clients leave the type out.
  if (type === 'function' || (type === undefined && isObject(declared))) {
    return { ...decodeFunction(declared, `${field}.function`, withoutNulls(rest)), ...marked };
  }
  if (type === 'custom') return { ...decodeCustom(custom, `${field}.custom`, withoutNulls(rest)), ...marked };
  if (typeof type !== 'string') throw invalidField(`${field}.type`, `'${field}.type' must be function or custom.`);
  return { type: 'server', tool: kindOf(type), name: type, ...marked, ...ownExtensions({ tool }) };
}

function decodeFunction(declared: unknown, field: string, outside: JsonObject): ChatTool {
  if (!isObject(declared)) throw invalidField(field, `'${field}' must be an object with a name.`);
  const { name, description, parameters, strict, ...rest } = declared;
  if (typeof name !== 'string' || name === '') throw invalidField(`${field}.name`, `'${field}.name' is required.`);
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw invalidField(`${field}.parameters`, `'${field}.parameters' must be a JSON Schema object.`);
  }
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    inputSchema: parameters ?? {},
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
    ...ownExtensions(inside(outside, withoutNulls(rest))),
  };
}

/** What stands beside the tool, and what inside its definition. */
function inside(outside: JsonObject, definition: JsonObject): JsonObject {
  for (const _ in definition) return { ...outside, definition };
  return outside;
}

function decodeCustom(custom: unknown, field: string, outside: JsonObject): ChatTool {
  if (!isObject(custom)) throw invalidField(field, `'${field}' must be an object with a name.`);
  const { name, description, format, ...rest } = custom;
  if (typeof name !== 'string' || name === '') throw invalidField(`${field}.name`, `'${field}.name' is required.`);
  const grammar = isObject(format) && isObject(format.grammar) ? format.grammar : undefined;
  const syntax = textOf(grammar?.syntax);
  const definition = textOf(grammar?.definition);
  return {
    type: 'custom',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    ...(syntax === undefined || definition === undefined ? {} : { grammar: { syntax, definition } }),
    ...ownExtensions(inside(outside, withoutNulls(rest))),
  };
}

/** `web_search_options` turns the search of a search model on. */
function decodeSearch(options: JsonObject): ChatTool {
  return {
    type: 'server',
    tool: 'web-search',
    name: WEB_SEARCH_OPTIONS,
    webSearch: decodeSearchOptions(options),
    ...ownExtensions({ options }),
  };
}

function decodeSearchOptions({ search_context_size: size, user_location: location }: JsonObject): WebSearchOptions {
  const place = isObject(location) ? (isObject(location.approximate) ? location.approximate : location) : {};
  const userLocation = {
    ...(typeof place.city === 'string' ? { city: place.city } : {}),
    ...(typeof place.region === 'string' ? { region: place.region } : {}),
    ...(typeof place.country === 'string' ? { country: place.country } : {}),
    ...(typeof place.timezone === 'string' ? { timezone: place.timezone } : {}),
  };
  return {
    ...(size === 'low' || size === 'medium' || size === 'high' ? { contextSize: size } : {}),
    ...(Object.keys(userLocation).length === 0 ? {} : { userLocation }),
  };
}

/** Services name their own tools as they like: `web_search`, `openrouter:web_search`, `$web_search`, `code_interpreter`. */
function kindOf(type: string): ServerToolKind {
  const name = type.toLowerCase();
  if (name.includes('web_search') || name.includes('browser_search')) return 'web-search';
  if (name.includes('web_fetch')) return 'web-fetch';
  if (name.includes('code_interpreter') || name.includes('code_execution')) return 'code-execution';
  if (name.includes('file_search') || name.includes('retrieval')) return 'file-search';
  if (name.includes('image_generation')) return 'image-generation';
  return name === 'mcp' ? 'mcp' : 'other';
}
