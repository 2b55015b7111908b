import type { ChatTurn } from '@proxycast/spec';

/** Whether the word stands anywhere in the texts of the conversation that go into the input, as JSON mode demands. */
export function mentionsJson(turns: readonly ChatTurn[]): boolean {
  let isFront = true;
  for (const { role, blocks } of turns) {
    isFront &&= role === 'system';
    if (isFront) continue;
    for (const block of blocks) if (block.type === 'text' && /json/i.test(block.text)) return true;
  }
  return false;
}
