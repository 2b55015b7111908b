import { textOf, wrapSystemText } from '@proxycast/conversion';
import type { ChatBlock, ChatTurn } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { ownFields } from './dialect.ts';
import { type BlockEncoding, type Content, encodeBlock, isBlank } from './encode-block.ts';
import type { ModelTraits } from './model-traits.ts';

/** A message that is being put together. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system';
  content: Content[];
  /** What only this dialect says of it. */
  own: JsonObject;
  /** How many turns it was made of. */
  turnCount: number;
}

export interface TurnEncoding extends BlockEncoding {
  readonly traits: ModelTraits;
}

/** The system text at the front, and the messages, which begin with the user's. */
export function encodeTurns(
  turns: readonly ChatTurn[],
  encoding: TurnEncoding,
): { readonly system: Content[]; readonly messages: Message[] } {
  const first = turns.findIndex(({ role }) => role !== 'system');
  const leading = first < 0 ? turns.length : first;
  const system: Content[] = [];
  for (let index = 0; index < leading; index++) {
    for (const content of encodeSystemBlocks(turns[index]?.blocks ?? [], index, encoding)) {
      // The field takes text only.
      if (content.type === 'text') system.push(content);
      else encoding.report(`messages.${index}`, 'dropped');
    }
  }
  const messages = new Conversation(encoding);
  for (let index = leading; index < turns.length; index++) {
    const turn = turns[index];
    if (turn !== undefined) messages.add(turn, index);
  }
  return { system, messages: messages.finish() };
}

function encodeSystemBlocks(blocks: readonly ChatBlock[], index: number, encoding: BlockEncoding): readonly Content[] {
  return encodeEach(blocks, index, (block, field) => encodeBlock(block, field, encoding));
}

function encodeEach(
  blocks: readonly ChatBlock[],
  index: number,
  encode: (block: ChatBlock, field: string) => Content | undefined,
): Content[] {
  const encoded: Content[] = [];
  blocks.forEach((block, place) => {
    const content = encode(block, `messages.${index}.content.${place}`);
    if (content !== undefined) encoded.push(content);
  });
  return encoded;
}

class Conversation {
  readonly #encoding: TurnEncoding;
  readonly #messages: Message[] = [];
  /** What an answer held and only the user may say: it stands in front of the user's next words. */
  #carried: Content[] = [];

  constructor(encoding: TurnEncoding) {
    this.#encoding = encoding;
  }

  add(turn: ChatTurn, index: number): void {
    const own = ownFields(turn.extensions);
    switch (turn.role) {
      case 'system':
        this.#addSystem(turn, index, own);
        return;
      case 'assistant':
        this.#push('assistant', this.#encodeAnswer(turn, index), own);
        return;
      case 'tool':
        this.#push('user', this.#encodeBlocks(turn, index), own);
        return;
      case 'user':
        this.#push('user', [...this.#takeCarried(), ...this.#encodeBlocks(turn, index)], own);
        return;
      default:
        turn.role satisfies never;
    }
  }

  finish(): Message[] {
    const { report } = this.#encoding;
    const last = this.#messages[this.#messages.length - 1];
    if (this.#carried.length > 0) {
      if (last?.role === 'assistant') report('messages', 'dropped');
      else this.#push('user', this.#takeCarried(), {});
    }
    if (this.#messages[0]?.role !== 'user') {
      report('messages', 'added');
      this.#messages.unshift({ role: 'user', content: [{ type: 'text', text: '.' }], own: {}, turnCount: 1 });
    }
    for (const message of this.#messages) {
      if (message.turnCount === 1) continue;
      // Of turns put together, results come before words, and thinking before what it led to.
      if (message.role === 'user') message.content = firstOf(message.content, isResult);
      else if (message.role === 'assistant') message.content = firstOf(message.content, isThinking);
    }
    return this.#messages;
  }

  #encodeBlocks({ blocks }: ChatTurn, index: number): Content[] {
    return encodeEach(blocks, index, (block, field) => {
      if (block.type !== 'tool-call') return encodeBlock(block, field, this.#encoding);
      // Only answers call tools.
      this.#encoding.report(field, 'dropped');
      return undefined;
    });
  }

  #encodeAnswer({ blocks }: ChatTurn, index: number): Content[] {
    return encodeEach(blocks, index, (block, field) => {
      const content = encodeBlock(block, field, this.#encoding);
      if (!isMedia(block) || content === undefined) return content;
      this.#carried.push(content);
      this.#encoding.report(field, 'changed');
      return undefined;
    });
  }

  #addSystem(turn: ChatTurn, index: number, own: JsonObject): void {
    const { traits, report } = this.#encoding;
    if (traits.takesSystemTurns) {
      this.#push('system', encodeSystemBlocks(turn.blocks, index, this.#encoding), own);
      return;
    }
    const text = textOf(turn.blocks);
    report(`messages.${index}`, isBlank(text) ? 'dropped' : 'changed');
    if (!isBlank(text)) this.#push('user', [...this.#takeCarried(), { type: 'text', text: wrapSystemText(text) }], {});
  }

  #takeCarried(): Content[] {
    const carried = this.#carried;
    this.#carried = [];
    return carried;
  }

  /** The API takes no empty messages, and merges neighbours of one role itself. */
  #push(role: Message['role'], content: readonly Content[], own: JsonObject): void {
    if (content.length === 0) return;
    const last = this.#messages[this.#messages.length - 1];
    if (last?.role !== role) {
      this.#messages.push({ role, content: [...content], own, turnCount: 1 });
      return;
    }
    last.content.push(...content);
    last.own = { ...last.own, ...own };
    last.turnCount++;
  }
}

const isMedia = ({ type }: ChatBlock): boolean => type === 'image' || type === 'document';

export const isResult = ({ type }: Content): boolean => type === 'tool_result';
export const isThinking = ({ type }: Content): boolean => type === 'thinking' || type === 'redacted_thinking';

/** The same blocks, those of one kind first, each kind in its order. Thinking that stands first already may go on later. */
function firstOf(content: Content[], isFirst: (block: Content) => boolean): Content[] {
  const [leading] = content;
  if (leading === undefined || (isFirst(leading) && !isResult(leading)) || !content.some(isFirst)) return content;
  return [...content.filter(isFirst), ...content.filter((block) => !isFirst(block))];
}
