import { EFFORTS, type Effort } from '@proxycast/spec';
import type { EffortWord } from './chat-variant.ts';

/** The word nearest to an effort among those a model knows, the lower of two; `undefined` where it knows none but `none`. */
export function nearestEffort(effort: Effort, words: readonly EffortWord[]): Effort | undefined {
  const wanted = EFFORTS.indexOf(effort);
  let nearest: Effort | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const [place, known] of EFFORTS.entries()) {
    const away = Math.abs(place - wanted);
    if (away >= distance || !words.includes(known)) continue;
    nearest = known;
    distance = away;
  }
  return nearest;
}
