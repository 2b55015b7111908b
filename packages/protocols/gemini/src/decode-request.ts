import { type ChatRequest, type ChatTool, type ChatTurn, InvalidRequestError } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import { decodeSchema } from './decode-schema.ts';

/**
 * Takes the camel case of the documents and the snake case that the API takes too, and one value where a list is meant,
 * as its transcoder does. Throws InvalidRequestError, naming the field: `contents[0].role`.
 */
export function decodeRequest(
  body: unknown,
  context: { readonly pathModel?: string; readonly isStream: boolean },
): ChatRequest {
  if (!isObject(body)) throw refusal('', 'The request body must be a JSON object.');
  const { pathModel, isStream } = context;
  if (pathModel === undefined || pathModel === '') throw refusal('model', 'The path must name a model.');
  // Tokens are counted of contents alone, or of a whole request inside this field.
  const inner = fieldOf(body, 'generateContentRequest');
  const request = isObject(inner) ? inner : body;
  const systemInstruction = fieldOf(request, 'systemInstruction');
  const { contents, tools } = request;
  if (contents === undefined || contents === null)
    throw refusal('contents', 'contents: a list of contents is required.');
  const turns = listOf(contents).flatMap((content, index) => decodeContent(content, `contents[${index}]`));
  if (listOf(contents).length === 0) throw refusal('contents', 'contents: at least one content is required.');
  return {
    model: pathModel,
    stream: isStream,
    turns: [
      ...(systemInstruction === undefined || systemInstruction === null ? [] : [decodeSystem(systemInstruction)]),
      ...turns,
    ],
    tools: tools === undefined || tools === null ? [] : listOf(tools).flatMap(decodeTools),
  };
}

function decodeSystem(instruction: unknown): ChatTurn {
  if (typeof instruction === 'string') return { role: 'system', text: instruction };
  const parts = decodeParts(instruction, 'systemInstruction');
  return { role: 'system', text: joinTexts(parts) };
}

const ROLES: ReadonlyMap<unknown, ChatTurn['role']> = new Map([
  [undefined, 'user'],
  [null, 'user'],
  ['', 'user'],
  ['user', 'user'],
  ['model', 'assistant'],
  ['system', 'system'],
  // The role of function results before they became the user's.
  ['function', 'user'],
  ['tool', 'user'],
]);

function decodeContent(content: unknown, field: string): readonly ChatTurn[] {
  const parts = decodeParts(content, field);
  const role = isObject(content) ? ROLES.get(content.role) : undefined;
  if (role === undefined) throw refusal(`${field}.role`, `${field}.role: please use a valid role: user, model.`);
  const turns = parts.filter(({ type }) => type === 'result').map(({ text }): ChatTurn => ({ role: 'tool', text }));
  if (parts.length === 0 || turns.length < parts.length) turns.push({ role, text: joinTexts(parts) });
  return turns;
}

interface Part {
  readonly type: 'text' | 'result' | 'other';
  readonly text: string;
}

function decodeParts(content: unknown, field: string): readonly Part[] {
  if (!isObject(content)) throw refusal(field, `${field}: must be an object with parts.`);
  const { parts } = content;
  if (parts === undefined || parts === null)
    throw refusal(`${field}.parts`, `${field}.parts: a list of parts is required.`);
  return listOf(parts).map((part, index) => decodePart(part, `${field}.parts[${index}]`));
}

function decodePart(part: unknown, field: string): Part {
  if (!isObject(part)) throw refusal(field, `${field}: must be an object.`);
  const { text } = part;
  if (text !== undefined && text !== null) {
    if (typeof text !== 'string') throw refusal(`${field}.text`, `${field}.text: must be a text.`);
    return part.thought === true ? { type: 'other', text: '' } : { type: 'text', text };
  }
  const result = fieldOf(part, 'functionResponse');
  return isObject(result) ? { type: 'result', text: resultText(result.response) } : { type: 'other', text: '' };
}

/** A result is an object in this dialect; one that only wraps a text is that text. */
function resultText(response: unknown): string {
  if (!isObject(response)) return '';
  const [only, ...more] = Object.values(response);
  return typeof only === 'string' && more.length === 0 ? only : JSON.stringify(response);
}

const joinTexts = (parts: readonly Part[]): string =>
  parts
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text)
    .join('\n');

function decodeTools(tool: unknown, index: number): readonly ChatTool[] {
  const field = `tools[${index}]`;
  if (!isObject(tool)) throw refusal(field, `${field}: must be an object.`);
  const declarations = fieldOf(tool, 'functionDeclarations');
  // Searching, code and the like run at the service.
  if (declarations === undefined || declarations === null) return [];
  return listOf(declarations).map((declared, at) =>
    decodeDeclaration(declared, `${field}.functionDeclarations[${at}]`),
  );
}

function decodeDeclaration(declared: unknown, field: string): ChatTool {
  if (!isObject(declared)) throw refusal(field, `${field}: must be an object with a name.`);
  const { name, parameters } = declared;
  if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `${field}.name: a name is required.`);
  const jsonSchema = fieldOf(declared, 'parametersJsonSchema');
  if (isObject(jsonSchema)) return { name, inputSchema: jsonSchema };
  if (parameters === undefined || parameters === null) return { name, inputSchema: {} };
  if (!isObject(parameters)) throw refusal(`${field}.parameters`, `${field}.parameters: must be a schema object.`);
  return { name, inputSchema: decodeSchema(parameters) };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The value of a field under either of its names. */
const fieldOf = (object: JsonObject, name: string): unknown =>
  object[name] ?? object[name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)];

const refusal = (field: string, message: string): InvalidRequestError =>
  new InvalidRequestError(field === '' ? { message } : { message, field });
