import { inputTextOf, repairToolTurns, wrapSystemText } from '@proxycast/conversion';
import type { ChatBlock, ChatRequest, ChatTurn, MediaBlock, MediaSource, ToolBridge } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { inputValueOf } from './answer-facts.ts';

const [MARK_START = '', MARK_END = ''] = wrapSystemText('|').split('|');

/** One thing said in a conversation, in its place. */
export type RequestAtom =
  | { readonly type: 'text'; readonly role: string; readonly texts: readonly string[] }
  | { readonly type: 'media'; readonly kind: MediaBlock['type']; readonly source: string }
  | { readonly type: 'call'; readonly name: string; readonly input: unknown; readonly isCustom: boolean }
  /** `call` counts the calls of the conversation from 0. */
  | { readonly type: 'result'; readonly call: number; readonly texts: readonly string[]; readonly isError: boolean };

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
  const say = (role: string, said: string) => {
    // The mark around system text is looked at in bugs/schemas-and-media.test.ts; here it is what stands in it.
    const text = said.replaceAll(MARK_START, '').replaceAll(MARK_END, '');
    if (text.trim() !== '') add({ type: 'text', role, texts: [text] });
  };
  let isFront = true;
  for (const turn of repairToolTurns(request.turns, () => {})) {
    isFront &&= turn.role === 'system';
    const behind: RequestAtom[] = [];
    if (turn.role === 'system' && !isFront && WITHOUT_LATER_SYSTEM.includes(to)) {
      for (const block of turn.blocks) if (block.type === 'text') say('user', block.text);
      continue;
    }
    for (const block of inOrder(turn, to)) {
      switch (block.type) {
        case 'text':
        case 'refusal':
          say(turn.role, block.text);
          break;
        case 'image':
        case 'document':
        case 'audio':
        case 'video':
          for (const atom of mediaAtoms(block, to)) add(atom);
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
          const inner = block.blocks.flatMap((part) => (isMedia(part) ? mediaAtoms(part, to) : []));
          const texts = block.blocks.flatMap((part) => (part.type === 'text' ? [part.text] : []));
          const documents = inner.flatMap((atom) => (atom.type === 'text' ? atom.texts : []));
          add({
            type: 'result',
            call: callNumbers.get(block.callId) ?? -1,
            texts: [...texts, ...documents],
            isError: block.isError === true,
          });
          for (const atom of inner) {
            if (atom.type === 'text') continue;
            if (to === 'openai') behind.push(atom);
            else add(atom);
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

/** A message of Chat Completions has its text and its calls beside each other: the text counts as said first. */
function inOrder({ role, blocks }: ChatTurn, to: FakeDialectId): readonly ChatBlock[] {
  if (to !== 'openai' || role !== 'assistant') return blocks;
  return blocks.toSorted((one, two) => Number(one.type === 'tool-call') - Number(two.type === 'tool-call'));
}

const isMedia = (block: ChatBlock): block is MediaBlock =>
  block.type === 'image' || block.type === 'document' || block.type === 'audio' || block.type === 'video';

/** Where a dialect has no place for system text behind the front, the user says it in a mark. */
const WITHOUT_LATER_SYSTEM: readonly FakeDialectId[] = ['anthropic', 'gemini'];

/** A document of text is text where the dialect has no documents of that kind. */
function mediaAtoms(block: MediaBlock, to: FakeDialectId): readonly RequestAtom[] {
  const { source } = block;
  const text = source.type === 'text' ? source.text : textOfBytes(source);
  if (text !== undefined && block.type === 'document') {
    return to === 'anthropic'
      ? [{ type: 'media', kind: 'document', source: text }]
      : [{ type: 'text', role: 'user', texts: block.title === undefined ? [text] : [block.title, text] }];
  }
  switch (source.type) {
    case 'base64':
      return [
        {
          type: 'media',
          kind: block.type,
          source: source.data.replace(/[\s=]/g, '').replaceAll('-', '+').replaceAll('_', '/'),
        },
      ];
    case 'url':
      return [{ type: 'media', kind: block.type, source: source.url }];
    case 'file-id':
      return [{ type: 'media', kind: block.type, source: source.fileId }];
    case 'text':
      return [{ type: 'media', kind: block.type, source: source.text }];
  }
}

function textOfBytes(source: MediaSource): string | undefined {
  if (source.type !== 'base64' || !source.mediaType.startsWith('text/')) return undefined;
  return Buffer.from(source.data, 'base64').toString('utf8');
}
