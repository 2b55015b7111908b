import { readFile } from 'node:fs/promises';

/** What a process and all it has started keep in memory. */
export interface ResidentMemory {
  readonly bytes: number;
  readonly processes: number;
}

/** Linux counts in pages of this size on every machine Node 26 is built for here. */
const PAGE_BYTES = 4096;
/** A tree of more is counted no further: it is too many already. */
const MAX_PROCESSES = 256;

/** Of a process and its descendants, from /proc. `undefined` when it is gone, or where there is no /proc. */
export async function readResidentMemory(pid: number): Promise<ResidentMemory | undefined> {
  let bytes = 0;
  const waiting = [pid];
  for (let at = 0; at < waiting.length && at < MAX_PROCESSES; at++) {
    const id = waiting[at];
    const statm = await readFile(`/proc/${id}/statm`, 'utf8').catch(() => undefined);
    if (statm === undefined) {
      if (id === pid) return undefined;
      continue;
    }
    bytes += Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    const children = await readFile(`/proc/${id}/task/${id}/children`, 'utf8').catch(() => '');
    for (const child of children.split(' ')) if (child !== '') waiting.push(Number(child));
  }
  return { bytes, processes: waiting.length };
}
