import { type ChatRequest, type ChatTool, type ChatTurn, InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';

/** Throws InvalidRequestError, naming the field as the API itself does: `messages[0].role`. */
export function decodeRequest(body: unknown, context: { readonly isStream: boolean }): ChatRequest {
  if (!isObject(body)) throw refusal('', 'The request body must be a JSON object.');
  const { model, messages, tools, functions, stream_options: streamOptions } = body;
  if (typeof model !== 'string' || model === '') throw refusal('model', "'model' must be the name of a model.");
  if (!Array.isArray(messages)) throw refusal('messages', "'messages' must be a list of messages.");
  if (messages.length === 0) throw refusal('messages', "'messages' must hold at least one message.");
  return {
    model,
    stream: context.isStream,
    turns: messages.map((message: unknown, index) => decodeMessage(message, `messages[${index}]`)),
    tools: [...decodeTools(tools), ...decodeFunctions(functions)],
    extensions: {
      ...(isObject(streamOptions) ? { stream_options: streamOptions } : {}),
      // A client that sent the old form reads a call only in the old form.
      ...(Array.isArray(functions) && !Array.isArray(tools) ? { functions: true } : {}),
    },
  };
}

const ROLES: ReadonlyMap<unknown, ChatTurn['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

function decodeMessage(message: unknown, field: string): ChatTurn {
  if (!isObject(message)) throw refusal(field, `'${field}' must be an object with role and content.`);
  const role = ROLES.get(message.role);
  if (role === undefined) {
    throw refusal(
      `${field}.role`,
      `'${field}.role' must be one of system, developer, user, assistant, tool, function.`,
    );
  }
  const { content } = message;
  // An assistant that only calls a tool says nothing.
  if (content === undefined || content === null) {
    if (role === 'assistant' || role === 'tool') return { role, text: '' };
    throw refusal(`${field}.content`, `'${field}.content' must be a text or a list of parts.`);
  }
  return { role, text: decodeContent(content, `${field}.content`) };
}

function decodeContent(content: unknown, field: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw refusal(field, `'${field}' must be a text or a list of parts.`);
  return content
    .map((part: unknown, index) => decodePart(part, `${field}[${index}]`))
    .filter((text) => text !== undefined)
    .join('\n');
}

function decodePart(part: unknown, field: string): string | undefined {
  if (!isObject(part) || typeof part.type !== 'string') {
    throw refusal(field, `'${field}' must be an object with a type.`);
  }
  if (part.type !== 'text') return undefined;
  const { text } = part;
  if (typeof text !== 'string') throw refusal(`${field}.text`, `'${field}.text' must be a text.`);
  return text;
}

function decodeTools(tools: unknown): readonly ChatTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw refusal('tools', "'tools' must be a list of tools.");
  return tools.flatMap((tool: unknown, index) => {
    const field = `tools[${index}]`;
    if (!isObject(tool)) throw refusal(field, `'${field}' must be an object.`);
    // A custom tool takes free text, not an object that fits a schema.
    return tool.type === 'function' ? [decodeFunction(tool.function, `${field}.function`)] : [];
  });
}

/** The form before `tools`, which old clients still send. */
function decodeFunctions(functions: unknown): readonly ChatTool[] {
  if (functions === undefined || functions === null) return [];
  if (!Array.isArray(functions)) throw refusal('functions', "'functions' must be a list of functions.");
  return functions.map((declared: unknown, index) => decodeFunction(declared, `functions[${index}]`));
}

function decodeFunction(declared: unknown, field: string): ChatTool {
  if (!isObject(declared)) throw refusal(field, `'${field}' must be an object with a name.`);
  const { name, parameters } = declared;
  if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `'${field}.name' is required.`);
  return { name, inputSchema: decodeSchema(parameters, `${field}.parameters`) };
}

function decodeSchema(schema: unknown, field: string): JsonObject {
  if (schema === undefined || schema === null) return {};
  if (!isObject(schema)) throw refusal(field, `'${field}' must be a JSON Schema object.`);
  return schema;
}

const refusal = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
