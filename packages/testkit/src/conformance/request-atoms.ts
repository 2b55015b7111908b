import { inputTextOf, repairToolTurns, wrapSystemText } from '@proxycast/conversion';
import type { ChatBlock, ChatRequest, ChatTurn, MediaBlock, ToolBridge } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { inputValueOf } from './answer-facts.ts';

/** One thing said in a conversation, in its place. */
export type RequestAtom =
  | { readonly type: 'text'; readonly role: string; readonly texts: readonly string[] }
  | { readonly type: 'media'; readonly kind: MediaBlock['type']; readonly source: string }
  | { readonly type: 'call'; readonly name: string; readonly input: unknown; readonly isCustom: boolean }
  /** `call` counts the calls of the conversation from 0. */
  | { readonly type: 'result'; readonly call: number; readonly text: string; readonly isError: boolean };

/**
 * The conversation as `to` can say it: normalisations 1 to 4, 8 and 9 of architecture/conversion.md applied. Thinking and
 * what only one dialect knows are left out: they have tables of their own.
 */
export function atomsOf(request: ChatRequest, to: FakeDialectId, bridge?: ToolBridge): readonly RequestAtom[] {
  const atoms: RequestAtom[] = [];
  const callNumbers = new Map<string, number>();
  const add = (atom: RequestAtom) => {
    const last = atoms.at(-1);
    if (atom.type === 'text' && last?.type === 'text' && last.role === atom.role) {
      atoms[atoms.length - 1] = { ...last, texts: [...last.texts, ...atom.texts] };
    } else atoms.push(atom);
  };
  const say = (role: string, text: string) => {
    if (text.trim() !== '') add({ type: 'text', role, texts: [text] });
  };
  let isFront = true;
  for (const turn of repairToolTurns(request.turns, () => {})) {
    isFront &&= turn.role === 'system';
    const behind: RequestAtom[] = [];
    for (const block of turn.blocks) {
      switch (block.type) {
        case 'text':
        case 'refusal':
          say(roleOf(turn, isFront, to), systemTextOf(turn, block.text, isFront, to));
          break;
        case 'image':
        case 'document':
        case 'audio':
        case 'video':
          if (block.source.type === 'text' && to !== 'anthropic') say('user', block.source.text);
          else add(mediaAtom(block));
          break;
        case 'tool-call':
          callNumbers.set(block.callId, callNumbers.size);
          add({
            type: 'call',
            name: bridge?.tools.get(block.name)?.name ?? block.name,
            input: block.kind === 'custom' ? inputTextOf(block) : inputValueOf(inputTextOf(block)),
            isCustom: block.kind === 'custom',
          });
          break;
        case 'tool-result': {
          const media = block.blocks.filter(isMedia);
          add({
            type: 'result',
            call: callNumbers.get(block.callId) ?? -1,
            text: block.blocks.map((inner) => (inner.type === 'text' ? inner.text : '')).join('\n'),
            isError: block.isError === true,
          });
          for (const inner of media) {
            if (to === 'openai') behind.push(mediaAtom(inner));
            else add(mediaAtom(inner));
          }
          break;
        }
        default:
      }
    }
    for (const atom of behind) add(atom);
  }
  return atoms;
}

const isMedia = (block: ChatBlock): block is MediaBlock =>
  block.type === 'image' || block.type === 'document' || block.type === 'audio' || block.type === 'video';

/** Where a dialect has no place for system text behind the front, the user says it in a mark. */
const WITHOUT_LATER_SYSTEM: readonly FakeDialectId[] = ['anthropic', 'gemini'];

function roleOf(turn: ChatTurn, isFront: boolean, to: FakeDialectId): string {
  if (turn.role !== 'system' || isFront) return turn.role;
  return WITHOUT_LATER_SYSTEM.includes(to) ? 'user' : 'system';
}

function systemTextOf(turn: ChatTurn, text: string, isFront: boolean, to: FakeDialectId): string {
  return turn.role === 'system' && !isFront && WITHOUT_LATER_SYSTEM.includes(to) ? wrapSystemText(text) : text;
}

function mediaAtom(block: MediaBlock): RequestAtom {
  const { source } = block;
  const held =
    source.type === 'base64'
      ? source.data.replace(/[\s=]/g, '').replaceAll('-', '+').replaceAll('_', '/')
      : source.type === 'url'
        ? source.url
        : source.type === 'text'
          ? source.text
          : source.fileId;
  return { type: 'media', kind: block.type, source: held };
}
