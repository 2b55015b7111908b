import type { ChatBlock, ChatTurn } from '@proxycast/spec';

/** What was said in a turn, tool results included; other kinds of content say nothing to an echo. */
export function textOfTurn({ blocks }: ChatTurn): string {
  return textOfBlocks(blocks);
}

function textOfBlocks(blocks: readonly ChatBlock[]): string {
  return blocks
    .flatMap((block) => {
      if (block.type === 'text') return [block.text];
      return block.type === 'tool-result' ? [textOfBlocks(block.blocks)] : [];
    })
    .join('\n');
}
