import { readdirSync, readFileSync } from 'node:fs';

/** The process and all its descendants that run now, itself first; empty when it has ended. */
export function listProcessTree(pid: number): readonly number[] {
  const found = [pid];
  for (const one of found) {
    for (const thread of listThreads(one)) found.push(...listChildrenOfThread(one, thread));
  }
  return found.filter(isRunning);
}

/** False for one that ended and whose end its parent has not yet taken note of. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

export function listThreads(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    // It has ended.
    return [];
  }
}

function listChildrenOfThread(pid: number, thread: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}
