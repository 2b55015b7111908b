import type { StreamEvent } from '@proxycast/spec';
import type { Draw } from './random-response.ts';

/** The same stream with its blocks side by side, each in its own order; what belongs to no block comes at the end. */
export function interleaved(events: readonly StreamEvent[], draw: Draw): StreamEvent[] {
  const [start, ...others] = events;
  const lanes = new Map<number, StreamEvent[]>();
  const last: StreamEvent[] = [];
  for (const event of others) {
    if (!('block' in event)) last.push(event);
    else lanes.set(event.block, [...(lanes.get(event.block) ?? []), event]);
  }
  const mixed: StreamEvent[] = start === undefined ? [] : [start];
  const open: StreamEvent[][] = [];
  const waiting = [...lanes.values()];
  while (open.length > 0 || waiting.length > 0) {
    const next = waiting.length > 0 && (open.length === 0 || draw.chance(0.4)) ? waiting.shift() : undefined;
    if (next !== undefined) {
      mixed.push(...next.splice(0, 1));
      open.push(next);
      continue;
    }
    const index = draw.number(open.length);
    mixed.push(...(open[index]?.splice(0, 1) ?? []));
    if (open[index]?.length === 0) open.splice(index, 1);
  }
  return [...mixed, ...last];
}
