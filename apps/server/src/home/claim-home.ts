import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError } from '@proxycast/spec';

/**
 * Marks the home folder as in use by this process, so that a restore never replaces files under a running server.
 * Answers how to give it back. Throws ConflictError when a living process holds it.
 */
export function claimHome(path: string): () => void {
  const file = join(path, 'proxycast.pid');
  const own = String(process.pid);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx', mode: 0o600 });
      return () => {
        if (readOwner(file) === process.pid) rmSync(file, { force: true });
      };
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    }
    const owner = readOwner(file);
    if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
      throw new ConflictError({
        code: 'home_in_use',
        message: `A ProxyCast (process ${owner}) uses ${path}. Stop it first; if no such process runs, remove ${file}.`,
      });
    }
    // Left by a process that was killed.
    rmSync(file, { force: true });
  }
  throw new Error(`The file ${file} is taken again and again. Is another ProxyCast starting?`);
}

function readOwner(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(owner) && owner > 0 ? owner : undefined;
  } catch {
    // Gone between the two looks.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
