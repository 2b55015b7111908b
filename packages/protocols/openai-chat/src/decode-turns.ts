import { readSignature } from '@proxycast/conversion';
import type { ChatBlock, ChatTurn, TextBlock, ToolCallBlock } from '@proxycast/spec';
import { isObject, type JsonObject, textOf } from '@proxycast/wire';
import { mediaTypeOfHeldId } from './audio-format.ts';
import { isCarried } from './carried-signature.ts';
import { decodePart } from './decode-part.ts';
import { decodeReasoningHistory, placeCarried } from './decode-reasoning-history.ts';
import { DIALECT, ownExtensions } from './dialect.ts';
import { invalidField } from './invalid-field.ts';
import { thoughtSignatureOf } from './thought-signature.ts';
import { withoutNulls } from './without-nulls.ts';

/** One turn for each message, so that a place in one is a place in the other. */
export function decodeTurns(messages: readonly unknown[]): readonly ChatTurn[] {
  const functions = new OpenFunctions();
  return messages.map((message, index) => decodeMessage(message, index, functions));
}

function decodeMessage(message: unknown, index: number, functions: OpenFunctions): ChatTurn {
  const field = `messages[${index}]`;
  if (!isObject(message)) throw invalidField(field, `'${field}' must be an object with role and content.`);
  switch (message.role) {
    case 'system':
    case 'user':
      return decodeSpoken(message.role, message, field, {});
    case 'developer':
      return decodeSpoken('system', message, field, { role: 'developer' });
    case 'assistant':
      return decodeAssistant(message, index, functions);
    case 'tool':
      return decodeResult(message, field);
    case 'function':
      return decodeFunctionResult(message, index, functions);
    default:
      throw invalidField(
        `${field}.role`,
        `'${field}.role' must be one of system, developer, user, assistant, tool, function.`,
      );
  }
}

function decodeSpoken(role: 'system' | 'user', message: JsonObject, field: string, form: JsonObject): ChatTurn {
  const { role: _, content, name, ...rest } = message;
  if (content === undefined || content === null) {
    throw invalidField(`${field}.content`, `'${field}.content' must be a text or a list of parts.`);
  }
  return {
    role,
    blocks: decodeContent(content, `${field}.content`),
    ...named(name),
    ...ownExtensions({ ...withoutNulls(rest), ...form }),
  };
}

/** A message without content says nothing: an assistant that only calls, a tool that prints nothing. */
function decodeContent(content: unknown, field: string): readonly ChatBlock[] {
  if (content === undefined || content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw invalidField(field, `'${field}' must be a text or a list of parts.`);
  return content.map((part: unknown, index) => decodePart(part, `${field}[${index}]`));
}

const named = (name: unknown): { readonly name?: string } => (typeof name === 'string' && name !== '' ? { name } : {});

/** Fields of an assistant message that blocks are made of. */
const ASSISTANT_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'refusal',
  'audio',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
]);

function decodeAssistant(message: JsonObject, index: number, functions: OpenFunctions): ChatTurn {
  const field = `messages[${index}]`;
  const content = decodeContent(message.content, `${field}.content`);
  const history = decodeReasoningHistory(message);
  const said = content.filter((block) => block.type !== 'text');
  const texts = content.filter((block): block is TextBlock => block.type === 'text');
  const rest: ChatBlock[] = [];
  if (textOf(message.refusal) !== undefined) rest.push({ type: 'refusal', text: String(message.refusal) });
  if (isObject(message.audio)) rest.push(...decodeSpeech(message.audio));
  rest.push(...decodeCalls(message.tool_calls, `${field}.tool_calls`));
  const old = decodeFunctionCall(message.function_call, index, functions);
  if (old !== undefined) rest.push(old);
  const blocks =
    history.carried.length > 0
      ? [...said, ...placeCarried(history, texts, rest)]
      : [...history.thinking, ...content, ...rest];
  return { role: 'assistant', blocks, ...named(message.name), ...ownExtensions(fieldsOfAssistant(message)) };
}

/** What else the message says. The entries of `reasoning_details` go back to their service as they are, but for our own. */
function fieldsOfAssistant(message: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message)) {
    if (!ASSISTANT_FIELDS.has(name) && value !== null) kept[name] = value;
  }
  const { reasoning_details: details } = message;
  if (Array.isArray(details) && details.length > 0 && !details.some(isCarried)) kept.reasoning_details = details;
  return kept;
}

/** A sound of the model's own: the service keeps it and knows it by its id, unless it came from another. */
function decodeSpeech({ id, data, transcript, ...rest }: JsonObject): readonly ChatBlock[] {
  if (typeof id !== 'string' || id === '') return [];
  const mediaType = mediaTypeOfHeldId(id);
  const said = textOf(transcript);
  if (mediaType === undefined) {
    const source = { type: 'file-id' as const, fileId: id, origin: DIALECT };
    const transcribed = said === undefined ? {} : { transcript: said };
    return [{ type: 'audio', source, ...transcribed, ...ownExtensions(withoutNulls(rest)) }];
  }
  if (typeof data !== 'string' || data === '') return said === undefined ? [] : [{ type: 'text', text: said }];
  const source = { type: 'base64' as const, mediaType, data };
  return [{ type: 'audio', source, ...(said === undefined ? {} : { transcript: said }) }];
}

function decodeCalls(calls: unknown, field: string): readonly ToolCallBlock[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw invalidField(field, `'${field}' must be a list of calls.`);
  return calls.map((call: unknown, index) => decodeCall(call, `${field}[${index}]`));
}

const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'function', 'custom', 'index', 'extra_content']);

function decodeCall(call: unknown, field: string): ToolCallBlock {
  if (!isObject(call)) throw invalidField(field, `'${field}' must be an object with id and function.`);
  const kind = isObject(call.custom) ? 'custom' : 'function';
  const called = call[kind];
  const name = isObject(called) ? called.name : undefined;
  if (!isObject(called) || typeof name !== 'string' || name === '') {
    throw invalidField(`${field}.${kind}.name`, `'${field}.${kind}.name' is required.`);
  }
  const input = kind === 'custom' ? called.input : called.arguments;
  const signature = thoughtSignatureOf(call);
  const others = Object.entries(call).filter(([key]) => !CALL_FIELDS.has(key));
  return {
    type: 'tool-call',
    callId: typeof call.id === 'string' ? call.id : '',
    name,
    kind,
    input: typeof input === 'string' || isObject(input) ? input : '',
    ...(signature === undefined ? {} : { signature: readSignature(signature, DIALECT) }),
    ...ownExtensions(withoutNulls(Object.fromEntries(others))),
  };
}

function decodeResult(message: JsonObject, field: string): ChatTurn {
  const { role: _, content, tool_call_id: callId, name, ...rest } = message;
  if (typeof callId !== 'string') {
    throw invalidField(`${field}.tool_call_id`, `'${field}.tool_call_id' must name the call this is the result of.`);
  }
  return {
    role: 'tool',
    blocks: [
      {
        type: 'tool-result',
        callId,
        ...named(name),
        blocks: decodeContent(content, `${field}.content`),
        ...ownExtensions({ ...withoutNulls(rest), ...named(name) }),
      },
    ],
  };
}

/** The form before `tools`, which old clients still send: calls without ids, results by the function's name. */
function decodeFunctionCall(call: unknown, index: number, functions: OpenFunctions): ToolCallBlock | undefined {
  if (!isObject(call) || typeof call.name !== 'string' || call.name === '') return undefined;
  const { name, arguments: input } = call;
  return {
    type: 'tool-call',
    callId: functions.open(name, index),
    name,
    kind: 'function',
    input: typeof input === 'string' || isObject(input) ? input : '',
    ...ownExtensions({ function_call: true }),
  };
}

function decodeFunctionResult(message: JsonObject, index: number, functions: OpenFunctions): ChatTurn {
  const { role, content, name, ...rest } = message;
  const field = `messages[${index}]`;
  if (typeof name !== 'string' || name === '') throw invalidField(`${field}.name`, `'${field}.name' is required.`);
  return {
    role: 'tool',
    blocks: [
      {
        type: 'tool-result',
        callId: functions.close(name, index),
        name,
        blocks: decodeContent(content, `${field}.content`),
        ...ownExtensions({ ...withoutNulls(rest), role }),
      },
    ],
  };
}

/** Gives calls of the old form ids by their place, which stays the same as the conversation goes on. */
class OpenFunctions {
  readonly #open: { readonly name: string; readonly callId: string }[] = [];

  open(name: string, index: number): string {
    const callId = `call_function_${index}`;
    this.#open.push({ name, callId });
    return callId;
  }

  /** The last call of that name without a result. */
  close(name: string, index: number): string {
    const at = this.#open.findLastIndex((call) => call.name === name);
    const [call] = at < 0 ? [] : this.#open.splice(at, 1);
    return call?.callId ?? `call_function_${index}`;
  }
}
