import type { ChatTurn } from '@proxycast/spec';
import { mergeExtensions } from './merge-extensions.ts';

/** Neighbouring turns of one role as one. The same array where there are none. */
export function mergeTurns(turns: readonly ChatTurn[]): readonly ChatTurn[] {
  if (!turns.some((turn, index) => turns[index + 1]?.role === turn.role)) return turns;
  const merged: ChatTurn[] = [];
  for (const turn of turns) {
    const last = merged[merged.length - 1];
    if (last?.role === turn.role) merged[merged.length - 1] = joinTurns(last, turn);
    else merged.push(turn);
  }
  return merged;
}

/** Two turns of one role as one; its name is kept where both have the same. */
export function joinTurns(first: ChatTurn, second: ChatTurn): ChatTurn {
  const extensions = mergeExtensions(first.extensions, second.extensions);
  return {
    role: first.role,
    blocks: [...first.blocks, ...second.blocks],
    ...(first.name !== undefined && first.name === second.name ? { name: first.name } : {}),
    ...(extensions === undefined ? {} : { extensions }),
  };
}
