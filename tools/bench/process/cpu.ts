import { readFileSync } from 'node:fs';
import { listProcessTree, listThreads } from './list-process-tree.ts';

/** Reads how much CPU a process, its threads and its descendants have used so far. */
export interface CpuMeter {
  /** Microseconds, only good for differences. */
  readonly readUs: () => number;
}

/** Linux counts in these for every program, whatever its timer interrupt (`USER_HZ`, see proc(5)). */
const TICK_US = 10_000;
// User and system time are rounded down, each on its own, and the scheduler's figure of a running thread is a timer
// interrupt old. What is between the two readings beyond that was used by threads that came and went.
const ROUNDING_US = 4 * TICK_US;

export function createCpuMeter(pid: number): CpuMeter {
  const members = new Map<number, ProcessMeter>();
  return {
    readUs() {
      for (const member of listProcessTree(pid)) {
        const meter = members.get(member) ?? createProcessMeter(member);
        members.set(member, meter);
        meter.update();
      }
      // One that ended keeps what it had used when it was last seen.
      return [...members.values()].reduce((sum, meter) => sum + meter.us(), 0);
    },
  };
}

interface ProcessMeter {
  readonly update: () => void;
  readonly us: () => number;
}

function createProcessMeter(pid: number): ProcessMeter {
  const threads = new Map<number, number>();
  let unseenUs = 0;
  let gapAtStartUs: number | undefined;
  const seenUs = (): number => [...threads.values()].reduce((sum, us) => sum + us, 0);
  return {
    update() {
      for (const thread of listThreads(pid)) {
        const us = readThreadUs(pid, thread);
        if (us !== undefined) threads.set(thread, us);
      }
      // The scheduler counts in nanoseconds but forgets a thread that ended; the process's own figure is coarse but
      // forgets nothing. So the second only corrects the first.
      const gapUs = readProcessUs(pid) - seenUs();
      gapAtStartUs ??= gapUs;
      if (gapUs - gapAtStartUs - unseenUs > ROUNDING_US) unseenUs = gapUs - gapAtStartUs;
    },
    us: () => seenUs() + unseenUs,
  };
}

function readThreadUs(pid: number, thread: number): number | undefined {
  try {
    const [ranNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ');
    return Number(ranNs) / 1000;
  } catch {
    return undefined;
  }
}

function readProcessUs(pid: number): number {
  try {
    return parseStatUs(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return 0;
  }
}

/** User and system time of a process, its ended threads included, out of `/proc/<pid>/stat`. */
export function parseStatUs(stat: string): number {
  // The name, in parentheses, may hold spaces and parentheses. utime and stime are fields 14 and 15, the name is 2.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
