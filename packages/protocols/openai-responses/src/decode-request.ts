import { type ChatRequest, type ChatTool, type ChatTurn, InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { pickEchoedFields } from './echoed-fields.ts';

/** Throws InvalidRequestError, naming the field as the API itself does: `input[0].role`. */
export function decodeRequest(body: unknown, context: { readonly isStream: boolean }): ChatRequest {
  if (!isObject(body)) throw refusal('', 'The request body must be a JSON object.');
  const { model, instructions, input, tools } = body;
  if (typeof model !== 'string' || model === '') throw refusal('model', "'model' must be the name of a model.");
  if (instructions !== undefined && instructions !== null && typeof instructions !== 'string') {
    throw refusal('instructions', "'instructions' must be a text.");
  }
  refuseServerState(body);
  return {
    model,
    stream: context.isStream,
    turns: [
      ...(typeof instructions === 'string' ? [{ role: 'system', text: instructions } as const] : []),
      ...decodeInput(input),
    ],
    tools: decodeTools(tools),
    extensions: pickEchoedFields(body),
  };
}

/** What lives at the service that was asked before cannot be answered from the request alone. */
function refuseServerState(body: JsonObject): void {
  for (const field of ['previous_response_id', 'conversation', 'prompt'] as const) {
    if (body[field] === undefined || body[field] === null) continue;
    throw new InvalidRequestError({
      ...(field === 'previous_response_id' ? { code: 'previous_response_not_found' } : {}),
      message: `'${field}' names something this model does not have. Send the whole conversation in 'input'.`,
      field,
    });
  }
  if (body.background === true) {
    throw refusal('background', "'background' is not available with this model. Leave it out.");
  }
}

function decodeInput(input: unknown): readonly ChatTurn[] {
  if (typeof input === 'string') return [{ role: 'user', text: input }];
  if (!Array.isArray(input)) throw refusal('input', "'input' must be a text or a list of items.");
  return input.flatMap((item: unknown, index) => decodeItem(item, `input[${index}]`));
}

const ROLES: ReadonlyMap<unknown, ChatTurn['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

function decodeItem(item: unknown, field: string): readonly ChatTurn[] {
  if (!isObject(item)) throw refusal(field, `'${field}' must be an object.`);
  switch (item.type) {
    case undefined:
    case 'message': {
      const role = ROLES.get(item.role);
      if (role === undefined) {
        throw refusal(`${field}.role`, `'${field}.role' must be one of user, assistant, system, developer.`);
      }
      return [{ role, text: decodeContent(item.content, `${field}.content`) }];
    }
    case 'function_call':
    case 'custom_tool_call':
      return [{ role: 'assistant', text: '' }];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{ role: 'tool', text: decodeContent(item.output, `${field}.output`) }];
    default:
      // Reasoning, references and the items of built-in tools hold nothing that was said.
      if (typeof item.type === 'string') return [];
      throw refusal(`${field}.type`, `'${field}.type' must be a text.`);
  }
}

function decodeContent(content: unknown, field: string): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw refusal(field, `'${field}' must be a text or a list of parts.`);
  return content
    .map((part: unknown, index) => decodePart(part, `${field}[${index}]`))
    .filter((text) => text !== undefined)
    .join('\n');
}

const TEXT_PARTS: ReadonlySet<string> = new Set(['input_text', 'output_text', 'text']);

function decodePart(part: unknown, field: string): string | undefined {
  if (!isObject(part) || typeof part.type !== 'string') {
    throw refusal(field, `'${field}' must be an object with a type.`);
  }
  if (!TEXT_PARTS.has(part.type)) return undefined;
  const { text } = part;
  if (typeof text !== 'string') throw refusal(`${field}.text`, `'${field}.text' must be a text.`);
  return text;
}

function decodeTools(tools: unknown): readonly ChatTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw refusal('tools', "'tools' must be a list of tools.");
  return tools.flatMap((tool: unknown, index) => decodeTool(tool, `tools[${index}]`));
}

function decodeTool(tool: unknown, field: string): readonly ChatTool[] {
  if (!isObject(tool)) throw refusal(field, `'${field}' must be an object.`);
  // Custom tools take free text, and built-in ones run at the service.
  if (tool.type !== 'function') return [];
  const { name, parameters } = tool;
  if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `'${field}.name' is required.`);
  return [{ name, inputSchema: decodeSchema(parameters, `${field}.parameters`) }];
}

function decodeSchema(schema: unknown, field: string): JsonObject {
  if (schema === undefined || schema === null) return {};
  if (!isObject(schema)) throw refusal(field, `'${field}' must be a JSON Schema object.`);
  return schema;
}

const refusal = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
