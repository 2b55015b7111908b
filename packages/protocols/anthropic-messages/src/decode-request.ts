import { type ChatRequest, type ChatTool, type ChatTurn, InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';

/** Throws InvalidRequestError, naming the field as the API itself does: `messages.0.role`. */
export function decodeRequest(
  body: unknown,
  context: { readonly isStream: boolean; readonly isTokenCount?: boolean },
): ChatRequest {
  if (!isObject(body)) throw refusal('', 'The request body must be a JSON object.');
  const { model, system, messages, tools, max_tokens: maxTokens } = body;
  if (typeof model !== 'string' || model === '') throw refusal('model', 'model: a model name is required.');
  // Counting tokens takes the same body without a bound on the answer.
  if (context.isTokenCount !== true && !isPositiveInteger(maxTokens)) {
    throw refusal('max_tokens', 'max_tokens: a whole number of at least 1 is required.');
  }
  if (!Array.isArray(messages)) throw refusal('messages', 'messages: a list of messages is required.');
  if (messages.length === 0) throw refusal('messages', 'messages: at least one message is required.');
  return {
    model,
    stream: context.isStream,
    turns: [
      ...(system === undefined || system === null ? [] : [decodeSystem(system)]),
      ...messages.flatMap((message: unknown, index) => decodeMessage(message, `messages.${index}`)),
    ],
    tools: decodeTools(tools),
  };
}

function decodeSystem(system: unknown): ChatTurn {
  return { role: 'system', text: joinTexts(decodeBlocks(system, 'system')) };
}

function decodeMessage(message: unknown, field: string): readonly ChatTurn[] {
  if (!isObject(message)) throw refusal(field, `${field}: a message must be an object with role and content.`);
  const { role } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw refusal(`${field}.role`, `${field}.role: must be "user", "assistant" or "system".`);
  }
  const blocks = decodeBlocks(message.content, `${field}.content`);
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const turns: ChatTurn[] = results.map(({ text }) => ({ role: 'tool', text }));
  // A turn of tool results alone has nothing the user said.
  if (results.length === 0 || results.length < blocks.length) turns.push({ role, text: joinTexts(blocks) });
  return turns;
}

interface Block {
  readonly type: string;
  /** The text it holds; empty for what is not text. */
  readonly text: string;
}

function decodeBlocks(content: unknown, field: string): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw refusal(field, `${field}: must be a text or a list of content blocks.`);
  return content.map((block: unknown, index) => decodeBlock(block, `${field}.${index}`));
}

function decodeBlock(block: unknown, field: string): Block {
  const type = isObject(block) ? block.type : undefined;
  if (!isObject(block) || typeof type !== 'string') {
    throw refusal(field, `${field}: a content block must be an object with a type.`);
  }
  if (type === 'text') {
    const text = block.text;
    if (typeof text !== 'string') throw refusal(`${field}.text`, `${field}.text: must be a text.`);
    return { type, text };
  }
  if (type !== 'tool_result') return { type, text: '' };
  const content = block.content;
  if (content === undefined || content === null) return { type, text: '' };
  return { type, text: joinTexts(decodeBlocks(content, `${field}.content`)) };
}

const joinTexts = (blocks: readonly Block[]): string =>
  blocks
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('\n');

function decodeTools(tools: unknown): readonly ChatTool[] {
  if (tools === undefined || tools === null) return [];
  if (!Array.isArray(tools)) throw refusal('tools', 'tools: must be a list of tools.');
  return tools.flatMap((tool: unknown, index) => decodeTool(tool, `tools.${index}`));
}

function decodeTool(tool: unknown, field: string): readonly ChatTool[] {
  if (!isObject(tool)) throw refusal(field, `${field}: a tool must be an object.`);
  const { name, type, input_schema: inputSchema } = tool;
  // Tools with a dated type run at the API or have their schema there: no answer of ours can call one.
  if (typeof type === 'string' && type !== 'custom' && !isObject(inputSchema)) return [];
  if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `${field}.name: a name is required.`);
  return [{ name, inputSchema: decodeSchema(inputSchema, `${field}.input_schema`) }];
}

function decodeSchema(schema: unknown, field: string): JsonObject {
  if (schema === undefined || schema === null) return {};
  if (!isObject(schema)) throw refusal(field, `${field}: must be a JSON Schema object.`);
  return schema;
}

const isPositiveInteger = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1;

const refusal = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
