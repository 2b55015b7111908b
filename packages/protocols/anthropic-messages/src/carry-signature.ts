import type { ChatBlock, Signature } from '@proxycast/spec';
import { DIALECT } from './dialect.ts';

/** Before a signature of the text after it. No service signs with a control character in front. */
export const FRONT_MARK = '\u0001n';

/**
 * Services that sign calls and texts have no place for it in this dialect: the signature goes to the client in a thinking
 * block without text, in front of a call, in front of a text where it is known by then (marked), else behind it. Behind the
 * last text of an answer there is none: Claude Code takes the last block for its result. Thinking of which only the encrypted form is left is a
 * `redacted_thinking` block, so that the two cannot be taken for each other; a thinking block without anything stands
 * between the signature of a text and a call that has none.
 */
export function restoreSignatures(blocks: readonly ChatBlock[]): readonly ChatBlock[] {
  if (!blocks.some(isCarrier)) return blocks;
  const restored: ChatBlock[] = [];
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index];
    if (block === undefined) continue;
    if (!isCarrier(block)) {
      restored.push(block);
      continue;
    }
    const next = blocks[index + 1];
    const last = restored[restored.length - 1];
    const front = frontSignatureOf(block);
    if (front !== undefined) {
      if (next?.type === 'text') {
        restored.push({ ...next, signature: front });
        index++;
      }
    } else if (next?.type === 'tool-call') {
      restored.push({ ...next, signature: block.signature });
      index++;
    } else if (isUnsigned(last)) restored[restored.length - 1] = { ...last, signature: block.signature };
    else restored.push(block);
  }
  return restored;
}

type Carrier = ChatBlock & { readonly type: 'thinking'; readonly signature: Signature };

function isCarrier(block: ChatBlock): block is Carrier {
  return (
    block.type === 'thinking' &&
    block.parts.length === 0 &&
    block.signature !== undefined &&
    block.signature.origin !== DIALECT
  );
}

function frontSignatureOf({ signature: { origin, value } }: Carrier): Signature | undefined {
  return value.startsWith(FRONT_MARK) ? { origin, value: value.slice(FRONT_MARK.length) } : undefined;
}

function isUnsigned(block: ChatBlock | undefined): block is ChatBlock & { readonly type: 'text' | 'tool-call' } {
  return (block?.type === 'text' || block?.type === 'tool-call') && block.signature === undefined;
}
