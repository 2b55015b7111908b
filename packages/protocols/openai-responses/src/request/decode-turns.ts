import { readSignature } from '@proxycast/conversion';
import type { ChatBlock, ChatTurn, Extensions, JsonObject, Signature, ToolResultBlock } from '@proxycast/spec';
import { isObject, textOf } from '@proxycast/wire';
import { decodeItem } from '../item/decode-item.ts';
import { decodePart } from '../item/decode-part.ts';
import { callIdOf } from '../item/item-fields.ts';
import { placed } from '../item/item-place.ts';
import { readMark } from '../item/signature-mark.ts';
import { DIALECT, restOf } from '../own-fields.ts';
import { invalidField } from './invalid-field.ts';

/** The instructions are a system turn at the front, which knows where it stood. */
export function decodeInstructions(instructions: unknown): readonly ChatTurn[] {
  if (typeof instructions !== 'string') return [];
  return [
    {
      role: 'system',
      blocks: [{ type: 'text', text: instructions }],
      extensions: { [DIALECT]: { field: 'instructions' } },
    },
  ];
}

/** Items in a row that the model made are one assistant turn, results in a row one `tool` turn. */
export function decodeTurns(input: unknown): readonly ChatTurn[] {
  if (typeof input === 'string') return [{ role: 'user', blocks: [{ type: 'text', text: input }] }];
  if (!Array.isArray(input)) throw invalidField('input', "'input' must be a text or a list of items.");
  const turns = new TurnList();
  input.forEach((item: unknown, index) => {
    const field = `input[${index}]`;
    if (!isObject(item)) throw invalidField(field, `'${field}' must be an object.`);
    turns.add(item, index, field);
  });
  return turns.turns;
}

interface OpenTurn {
  readonly role: ChatTurn['role'];
  readonly blocks: ChatBlock[];
}

class TurnList {
  readonly turns: ChatTurn[] = [];
  #open: OpenTurn | undefined;
  /** Stands on the block after it. */
  #signature: Signature | undefined;

  add(item: JsonObject, index: number, field: string): void {
    switch (typeOf(item, field)) {
      case 'message':
        this.#addMessage(item, index, field);
        return;
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#turn('tool').blocks.push(decodeResult(item, index, field));
        return;
      case 'reasoning':
        this.#addReasoning(item, index);
        return;
      case 'function_call':
      case 'custom_tool_call':
        checkCall(item, field);
        this.#addItem(item, index);
        return;
      case 'additional_tools':
        this.#turn('system').blocks.push(...decodeItem(item, { index, readSignature: readOwn }));
        return;
      case 'mcp_approval_response':
      case 'computer_call_output':
      case 'local_shell_call_output':
      case 'apply_patch_call_output':
        this.#turn('user').blocks.push(...decodeItem(item, { index, readSignature: readOwn }));
        return;
      case 'shell_call_output':
        // The service's own have an id; the client's have none.
        if (textOf(item['id']) === undefined) {
          this.#turn('user').blocks.push(...decodeItem(item, { index, readSignature: readOwn }));
        } else this.#addItem(item, index);
        return;
      default:
        this.#addItem(item, index);
    }
  }

  #turn(role: ChatTurn['role']): OpenTurn {
    if (this.#open?.role === role) return this.#open;
    const turn: OpenTurn = { role, blocks: [] };
    this.turns.push(turn);
    this.#open = turn;
    this.#signature = undefined;
    return turn;
  }

  #addItem(item: JsonObject, index: number): void {
    this.#addBlocks(decodeItem(item, { index, readSignature: readOwn }));
  }

  #addBlocks(blocks: readonly ChatBlock[]): void {
    const turn = this.#turn('assistant');
    for (const block of blocks) {
      const signature = this.#signature;
      this.#signature = undefined;
      turn.blocks.push(signature === undefined ? block : signed(block, signature));
    }
  }

  /** A reasoning item may be a signature that another dialect has on the block after it or before it, or on no text at all. */
  #addReasoning(item: JsonObject, index: number): void {
    const encrypted = textOf(item['encrypted_content']);
    const { signature, mark } = encrypted === undefined ? { signature: undefined } : readMark(readOwn(encrypted));
    if (signature === undefined || mark === undefined || mark === 'redacted') {
      this.#addItem(item, index);
      return;
    }
    const { blocks } = this.#turn('assistant');
    if (mark === 'empty') {
      blocks.push({ type: 'text', text: '', signature });
      return;
    }
    if (mark === 'next') {
      this.#signature = signature;
      return;
    }
    const last = blocks.pop();
    if (last !== undefined) blocks.push(signed(last, signature));
  }

  #addMessage(item: JsonObject, index: number, field: string): void {
    const role = ROLES.get(item['role']);
    if (role === undefined) {
      throw invalidField(
        `${field}.role`,
        `Invalid value for '${field}.role'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      );
    }
    checkContent(item['content'], `${field}.content`);
    if (role === 'assistant') {
      this.#addItem(item, index);
      return;
    }
    const extensions = turnExtensions(item);
    // A turn of its own for each message: they may differ in what stands beside their parts.
    this.turns.push({
      role,
      blocks: decodeContent(item['content']),
      ...(extensions === undefined ? {} : { extensions }),
    });
    this.#open = undefined;
    this.#signature = undefined;
  }
}

const readOwn = (text: string): Signature => {
  const { signature, mark } = readMark(readSignature(text, DIALECT));
  return mark === 'redacted' ? signature : readSignature(text, DIALECT);
};

function signed(block: ChatBlock, signature: Signature): ChatBlock {
  switch (block.type) {
    case 'text':
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
    case 'tool-call':
    case 'server-tool-call':
    case 'server-tool-result':
      return { ...block, signature };
    default:
      return block;
  }
}

/** Messages and references may leave their type out. */
function typeOf(item: JsonObject, field: string): string {
  const { type } = item;
  if (typeof type === 'string') return type;
  if (type !== undefined && type !== null) throw invalidField(`${field}.type`, `'${field}.type' must be a text.`);
  return item['role'] === undefined && textOf(item['id']) !== undefined ? 'item_reference' : 'message';
}

const ROLES: ReadonlyMap<unknown, 'system' | 'user' | 'assistant'> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

const TURN_FIELDS = new Set(['type', 'role', 'content']);

function turnExtensions(item: JsonObject): Extensions | undefined {
  const rest = restOf(item, TURN_FIELDS);
  const isDeveloper = item['role'] === 'developer';
  if (rest === undefined && !isDeveloper) return undefined;
  return {
    [DIALECT]: { ...(isDeveloper ? { role: 'developer' } : {}), ...(rest === undefined ? {} : { item: rest }) },
  };
}

function checkContent(content: unknown, field: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalidField(field, `'${field}' must be a text or a list of parts.`);
  content.forEach((part: unknown, index) => {
    const at = `${field}[${index}]`;
    if (!isObject(part) || typeof part['type'] !== 'string') {
      throw invalidField(at, `'${at}' must be an object with a type.`);
    }
    const isText = part['type'] === 'input_text' || part['type'] === 'output_text' || part['type'] === 'text';
    if (isText && typeof part['text'] !== 'string') throw invalidField(`${at}.text`, `'${at}.text' must be a text.`);
  });
}

function decodeContent(content: unknown): readonly ChatBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter(isObject).map((part) => decodePart(part)) : [];
}

function checkCall(item: JsonObject, field: string): void {
  for (const name of ['call_id', 'name']) {
    if (textOf(item[name]) === undefined) {
      throw invalidField(`${field}.${name}`, `Missing required parameter: '${field}.${name}'.`);
    }
  }
}

const RESULT_FIELDS = new Set(['type', 'call_id', 'output']);

function decodeResult(item: JsonObject, index: number, field: string): ToolResultBlock {
  if (textOf(item['call_id']) === undefined) {
    throw invalidField(`${field}.call_id`, `Missing required parameter: '${field}.call_id'.`);
  }
  checkContent(item['output'], `${field}.output`);
  const rest = restOf(item, RESULT_FIELDS);
  return {
    type: 'tool-result',
    callId: callIdOf(item, index),
    kind: item['type'] === 'custom_tool_call_output' ? 'custom' : 'function',
    blocks: decodeContent(item['output']),
    ...(rest === undefined ? {} : { extensions: placed({ item: rest }) }),
  };
}
