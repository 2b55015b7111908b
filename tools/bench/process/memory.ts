import { readFileSync, writeFileSync } from 'node:fs';
import { listProcessTree } from './list-process-tree.ts';

const BYTES_PER_KB = 1024;
const BYTES_PER_MB = 1_000_000;

export interface Memory {
  /** Resident, a page that several share counted in each. MB of 1,000,000 bytes, as are all here. */
  readonly rssMb: number;
  /** Resident, a page that several share divided among them. */
  readonly pssMb: number;
}

/** What a process and its descendants hold now. */
export function readMemory(pid: number): Memory {
  const rollups = listProcessTree(pid).map((member) => readText(`/proc/${member}/smaps_rollup`));
  return { rssMb: sumMb(rollups, 'Rss'), pssMb: sumMb(rollups, 'Pss') };
}

/** The most that was resident since `resetPeak`, or since the start where the kernel does not let us reset it. */
export function readPeakRssMb(pid: number): number {
  return sumMb(
    listProcessTree(pid).map((member) => readText(`/proc/${member}/status`)),
    'VmHWM',
  );
}

export function resetPeak(pid: number): void {
  for (const member of listProcessTree(pid)) {
    try {
      writeFileSync(`/proc/${member}/clear_refs`, '5');
    } catch {
      // Not ours, or it has just ended.
    }
  }
}

/** The sum of one field of texts made of lines `Name:  123 kB`. */
export function sumMb(texts: readonly string[], field: string): number {
  const kb = texts.map((text) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0));
  return (kb.reduce((sum, one) => sum + one, 0) * BYTES_PER_KB) / BYTES_PER_MB;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
