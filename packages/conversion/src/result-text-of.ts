import type { ToolResultBlock } from '@proxycast/spec';

/** A tool result's text blocks joined by line feeds. */
export function resultTextOf(result: Pick<ToolResultBlock, 'blocks'>): string {
  const first = result.blocks[0];
  if (result.blocks.length === 1 && first?.type === 'text') return first.text;
  const texts: string[] = [];
  for (const block of result.blocks) if (block.type === 'text') texts.push(block.text);
  return texts.join('\n');
}
