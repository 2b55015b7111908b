import type { ChatBlock, ChatTurn, Extensions, JsonObject } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { addToAnswer } from './add-to-answer.ts';
import { GEMINI } from './base-id.ts';
import { CallLedger } from './call-id.ts';
import { decodeMedia } from './decode-media.ts';
import { decodeResult } from './decode-result.ts';
import { SERVER_PART_FIELDS, ServerPartDecoder } from './decode-server-part.ts';
import { extensionOf, fieldsOf, listOf } from './field-names.ts';
import { refusal } from './refusal.ts';
import { decodeSignature } from './signature-text.ts';

/**
 * Neighbouring contents of one role are one turn, since chats keep each piece of a streamed answer as a content of its own.
 * Results of calls become turns of their own. Throws InvalidRequestError for what is no content.
 */
export function decodeContents(contents: unknown): readonly ChatTurn[] {
  const decoder = new ContentsDecoder();
  listOf(contents).forEach((content, index) => {
    decoder.add(content, `contents[${index}]`);
  });
  return decoder.turns;
}

/** A content, its parts, or one text. */
export function decodeSystemInstruction(instruction: unknown): ChatTurn {
  if (typeof instruction === 'string') return { role: 'system', blocks: [{ type: 'text', text: instruction }] };
  if (!isObject(instruction) && !Array.isArray(instruction)) {
    throw refusal('systemInstruction', 'systemInstruction: must be a content, its parts, or a text.');
  }
  const isContent = isObject(instruction) && instruction.parts !== undefined;
  const { role, ...content }: JsonObject = isContent ? instruction : { parts: instruction };
  const decoder = new ContentsDecoder();
  decoder.add({ ...content, role: 'system' }, 'systemInstruction');
  const turn: ChatTurn = decoder.turns[0] ?? { role: 'system', blocks: [] };
  // What role an instruction has says nothing, but it is the client's.
  if (typeof role !== 'string') return turn;
  return { ...turn, extensions: { [GEMINI]: { ...turn.extensions?.[GEMINI], role } } };
}

const ROLES: ReadonlyMap<unknown, 'user' | 'assistant' | 'system'> = new Map([
  [undefined, 'user'],
  ['', 'user'],
  ['user', 'user'],
  ['model', 'assistant'],
  ['system', 'system'],
  // The role of function results before they became the user's.
  ['function', 'user'],
  ['tool', 'user'],
]);

interface OpenTurn {
  readonly role: ChatTurn['role'];
  readonly blocks: ChatBlock[];
  readonly extensions?: Extensions;
}

class ContentsDecoder {
  readonly turns: OpenTurn[] = [];
  readonly #calls = new CallLedger();
  readonly #serverParts = new ServerPartDecoder('');
  /** Whether the next part begins a turn, whoever spoke before. */
  #isClosed = false;

  add(value: unknown, field: string): void {
    if (!isObject(value)) throw refusal(field, `${field}: must be an object with parts.`);
    const { role: named, parts, ...rest } = fieldsOf(value);
    const role = ROLES.get(named);
    if (role === undefined) throw refusal(`${field}.role`, `${field}.role: please use a valid role: user, model.`);
    if (parts === undefined) throw refusal(`${field}.parts`, `${field}.parts: a list of parts is required.`);
    const kept = extensionOf(rest);
    // What a content says of itself it says of its own parts.
    this.#isClosed = kept !== undefined || this.turns[this.turns.length - 1]?.extensions !== undefined;
    const extensions = kept === undefined ? {} : { extensions: { [GEMINI]: kept } };
    const list = listOf(parts);
    list.forEach((part, index) => {
      for (const block of this.#part(part, `${field}.parts[${index}]`))
        this.#add(block, roleOf(block, role), extensions);
    });
    if (list.length === 0) this.turns.push({ role, blocks: [], ...extensions });
    if (role === 'user' && this.turns[this.turns.length - 1]?.role !== 'tool') this.#calls.endGroup();
  }

  #add(block: ChatBlock, role: ChatTurn['role'], extensions: Pick<OpenTurn, 'extensions'>): void {
    let turn = this.turns[this.turns.length - 1];
    if (turn?.role !== role || this.#isClosed) {
      turn = { role, blocks: [], ...extensions };
      this.turns.push(turn);
    }
    this.#isClosed = false;
    if (role === 'assistant') addToAnswer(turn.blocks, block);
    else turn.blocks.push(block);
  }

  #part(value: unknown, field: string): readonly ChatBlock[] {
    if (!isObject(value)) throw refusal(field, `${field}: must be an object.`);
    const part = fieldsOf(value);
    const { text, thoughtSignature } = part;
    if (text !== undefined && typeof text !== 'string')
      throw refusal(`${field}.text`, `${field}.text: must be a text.`);
    const held = this.#data(part, field);
    if (held === undefined) {
      // A part of a signature alone is one without text.
      if (text === undefined && thoughtSignature === undefined) {
        return [{ type: 'opaque', protocol: GEMINI, value }];
      }
      return [textBlock(part)];
    }
    // Some clients send an empty text beside the data of a part; the service refuses any other.
    return text === undefined || text === '' ? [held] : [{ type: 'text', text }, held];
  }

  /** The block of a part with data of its own kind; `undefined` for one with text only. */
  #data(part: JsonObject, field: string): ChatBlock | undefined {
    const { functionCall, functionResponse } = part;
    if (functionCall !== undefined) return this.#call(functionCall, part, `${field}.functionCall`);
    if (functionResponse !== undefined) return this.#result(functionResponse, part, `${field}.functionResponse`);
    const server = this.#serverParts.decode(part);
    if (server !== undefined) {
      const kept: Record<string, unknown> = { ...part };
      delete kept.thoughtSignature;
      return { ...server, ...signatureOf(part), extensions: { [GEMINI]: kept } };
    }
    const media = decodeMedia(part);
    if (media !== undefined) {
      const kept = extensionOf({ ...media.extensions?.[GEMINI], ...modifiersOf(part) });
      return {
        ...media,
        ...signatureOf(part),
        ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
      };
    }
    const isUnreadable = part.inlineData !== undefined || part.fileData !== undefined;
    return isUnreadable ? { type: 'opaque', protocol: GEMINI, value: part } : undefined;
  }

  #call(value: unknown, part: JsonObject, field: string): ChatBlock {
    if (!isObject(value)) throw refusal(field, `${field}: must be an object with a name.`);
    const { id, name, args, ...rest } = fieldsOf(value);
    if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `${field}.name: a name is required.`);
    const callRest = extensionOf(rest);
    const kept = extensionOf({
      ...modifiersOf(part),
      ...(callRest === undefined ? {} : { functionCall: callRest }),
    });
    return {
      type: 'tool-call',
      callId: this.#calls.call(id, name),
      name,
      kind: 'function',
      input: isObject(args) ? args : {},
      ...signatureOf(part),
      ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }),
    };
  }

  #result(value: unknown, part: JsonObject, field: string): ChatBlock {
    if (!isObject(value)) throw refusal(field, `${field}: must be an object with a name.`);
    const { name } = value;
    if (typeof name !== 'string' || name === '') throw refusal(`${field}.name`, `${field}.name: a name is required.`);
    const result = decodeResult(value, name, this.#calls);
    const { thoughtSignature } = part;
    const kept = extensionOf({
      ...result.extensions?.[GEMINI],
      ...modifiersOf(part),
      ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
    });
    return kept === undefined ? result : { ...result, extensions: { [GEMINI]: kept } };
  }
}

const DATA_FIELDS: ReadonlySet<string> = new Set([
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  ...SERVER_PART_FIELDS,
]);

/** What a part says beside its data: `videoMetadata`, `mediaResolution`, what nobody knows yet. */
function modifiersOf(part: JsonObject): JsonObject {
  const modifiers: Record<string, unknown> = {};
  for (const name in part) {
    if (name !== 'thoughtSignature' && !DATA_FIELDS.has(name)) modifiers[name] = part[name];
  }
  return modifiers;
}

function signatureOf({ thoughtSignature }: JsonObject) {
  const signature = decodeSignature(thoughtSignature);
  return signature === undefined ? {} : { signature };
}

function textBlock(part: JsonObject): ChatBlock {
  const { text, thought, ...rest } = modifiersWithText(part);
  const kept = extensionOf(thought === true || thought === undefined ? rest : { ...rest, thought });
  const more = { ...signatureOf(part), ...(kept === undefined ? {} : { extensions: { [GEMINI]: kept } }) };
  if (thought !== true) return { type: 'text', text: typeof text === 'string' ? text : '', ...more };
  return { type: 'thinking', kind: 'full', parts: typeof text === 'string' ? [text] : [], ...more };
}

const modifiersWithText = (part: JsonObject): JsonObject => ({ ...modifiersOf(part), text: part.text });

/** Results are turns of their own; a call is the assistant's, whoever is named. */
function roleOf(block: ChatBlock, role: 'user' | 'assistant' | 'system'): ChatTurn['role'] {
  if (block.type === 'tool-result') return 'tool';
  return block.type === 'tool-call' ? 'assistant' : role;
}
