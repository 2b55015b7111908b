import type { ChatBlock, RedactedThinkingBlock, Signature, ThinkingBlock } from '@proxycast/spec';
import { type CarriedSignature, unpackCarried } from './carried-signatures.ts';
import { isForeign } from './signature-text.ts';

/**
 * Adds a part to the answer a client sends back: pieces of one text become it again, and what a part carries of other
 * dialects' signatures goes back to the thinking it signs. Nothing is joined to a part that is signed.
 */
export function addToAnswer(blocks: ChatBlock[], block: ChatBlock): void {
  if (isSigned(block) && block.signature !== undefined && isForeign(block.signature)) {
    addCarrying(blocks, block, block.signature);
    return;
  }
  const last = blocks[blocks.length - 1];
  if (isPlain(block, 'text')) {
    if (isPlain(last, 'text')) blocks[blocks.length - 1] = { type: 'text', text: last.text + block.text };
    // The last piece of a stream may have no text; where nothing else was said it stands for the answer.
    else if (block.text !== '' || last === undefined) blocks.push(block);
    return;
  }
  if (isPlain(block, 'thinking') && isPlain(last, 'thinking')) blocks[blocks.length - 1] = joinThinking(last, block);
  else blocks.push(block);
}

/** Blocks that come from a part with a signature; encrypted thinking alone comes from none. */
type SignedBlock = Exclude<Extract<ChatBlock, { readonly signature?: Signature }>, RedactedThinkingBlock>;

function isSigned(block: ChatBlock): block is SignedBlock {
  return 'signature' in block && block.type !== 'redacted-thinking';
}

function isPlain<Type extends 'text' | 'thinking'>(
  block: ChatBlock | undefined,
  type: Type,
): block is Extract<ChatBlock, { readonly type: Type }> {
  return block?.type === type && 'signature' in block === false && block.extensions === undefined;
}

const joinThinking = (first: ThinkingBlock, second: ThinkingBlock): ThinkingBlock => ({
  type: 'thinking',
  kind: first.kind,
  parts: [first.parts.join('') + second.parts.join('')],
});

function addCarrying(blocks: ChatBlock[], block: SignedBlock, signature: Signature): void {
  const { signature: _, ...unsigned } = block;
  if (unsigned.type === 'thinking') {
    if (unsigned.parts.join('') !== '') addToAnswer(blocks, unsigned);
    for (const item of unpackCarried(signature, 'thinking')) restoreThinking(blocks, item);
    return;
  }
  const carried = unpackCarried(signature, 'part');
  for (const item of carried) if (item.signs !== 'part') restoreThinking(blocks, item);
  const own = carried.find(({ signs }) => signs === 'part');
  blocks.push(own === undefined ? unsigned : { ...unsigned, signature: own.signature });
}

/** Gives a signature to the thinking it signs: it may be there already, without its signature, or gone. */
function restoreThinking(blocks: ChatBlock[], { signs, signature, text }: CarriedSignature): void {
  const said = text === undefined ? undefined : { parts: [text] };
  let start = blocks.length;
  while (start > 0 && blocks[start - 1]?.type !== 'tool-call') start--;
  let unsigned = -1;
  let end = start;
  for (let index = start; index < blocks.length; index++) {
    const block = blocks[index];
    if (block?.type !== 'thinking' && block?.type !== 'redacted-thinking') continue;
    if (block.signature?.value === signature.value && block.signature.origin === signature.origin) return;
    end = index + 1;
    if (block.type === 'thinking' && block.signature === undefined) unsigned = index;
  }
  const thinking = blocks[unsigned];
  if (signs === 'redacted') blocks.splice(end, 0, { type: 'redacted-thinking', signature });
  else if (thinking?.type === 'thinking') blocks[unsigned] = { ...thinking, ...said, signature };
  else blocks.splice(end, 0, { type: 'thinking', kind: 'full', ...(said ?? { parts: [] }), signature });
}
