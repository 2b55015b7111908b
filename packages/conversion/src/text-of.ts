import type { ChatBlock } from '@proxycast/spec';

/** The text blocks joined. */
export function textOf(blocks: readonly ChatBlock[]): string {
  let text = '';
  for (const block of blocks) if (block.type === 'text') text += block.text;
  return text;
}
