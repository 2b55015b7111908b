import { readFileSync } from 'node:fs';

/** What a process and all it has started keep in memory. */
export interface ResidentMemory {
  readonly bytes: number;
  readonly processes: number;
}

/** Linux counts in pages of this size on every machine Node 26 is built for here. */
const PAGE_BYTES = 4096;
/** A tree of more is counted no further: it is too many already. */
const MAX_PROCESSES = 256;

/**
 * Of a process and its descendants, from /proc. `undefined` when it is gone, or where there is no /proc. Synchronous:
 * the kernel answers from memory, and the way through the thread pool would cost ten times as much.
 */
export function readResidentMemory(pid: number): ResidentMemory | undefined {
  let bytes = 0;
  const waiting = [pid];
  for (let at = 0; at < waiting.length && at < MAX_PROCESSES; at++) {
    const id = waiting[at];
    const statm = readText(`/proc/${id}/statm`);
    if (statm === undefined) {
      if (id === pid) return undefined;
      continue;
    }
    bytes += Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    const children = readText(`/proc/${id}/task/${id}/children`) ?? '';
    for (const child of children.split(' ')) if (child !== '') waiting.push(Number(child));
  }
  return { bytes, processes: waiting.length };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
