import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** SHA-256 in lower-case hex, by path inside the folder with `/`. */
export type FileDigests = Readonly<Record<string, string>>;

/** What is wrong with a plugin's folder. `path` is inside it. */
export interface FileFault {
  readonly path: string;
  readonly code: 'changed' | 'missing' | 'unknown' | 'link' | 'special' | 'too-many' | 'too-large';
}

export interface VerifyOptions {
  /** What was installed. Absent: nothing is compared, but links and odd files are refused all the same. */
  readonly expected?: FileDigests;
  /** Not compared, because they are the host's own record of choices. */
  readonly ignored?: readonly string[];
}

export interface VerifiedFolder {
  readonly digests: FileDigests;
  readonly faults: readonly FileFault[];
}

const MAX_FILES = 5000;
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

/**
 * Reads every file of a plugin's folder and compares it with what was installed. A link of any kind is refused: a
 * symbolic one leads out of the folder, and so does a second name of a file elsewhere (a hard link).
 */
export async function verifyFiles(
  folder: string,
  { expected, ignored = [] }: VerifyOptions = {},
): Promise<VerifiedFolder> {
  const digests: Record<string, string> = {};
  const faults: FileFault[] = [];
  for (const { path, fault } of await listFiles(folder)) {
    if (fault !== undefined) {
      faults.push({ path, code: fault });
      continue;
    }
    const reading = await digestFile(join(folder, path));
    if (typeof reading === 'object') faults.push({ path, code: reading.code });
    else digests[path] = reading;
  }
  if (expected === undefined) return { digests, faults };
  for (const [path, digest] of Object.entries(digests)) {
    if (ignored.includes(path)) continue;
    if (!Object.hasOwn(expected, path)) faults.push({ path, code: 'unknown' });
    else if (expected[path] !== digest) faults.push({ path, code: 'changed' });
  }
  for (const path of Object.keys(expected)) {
    const isSeen = Object.hasOwn(digests, path) || faults.some((fault) => fault.path === path);
    if (!isSeen && !ignored.includes(path)) faults.push({ path, code: 'missing' });
  }
  return { digests, faults };
}

interface Listed {
  readonly path: string;
  readonly fault?: FileFault['code'];
}

async function listFiles(folder: string): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  const waiting = [''];
  for (let at = 0; at < waiting.length; at++) {
    const inner = waiting[at] ?? '';
    for (const entry of await readdir(join(folder, inner), { withFileTypes: true })) {
      const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isSymbolicLink()) found.push({ path, fault: 'link' });
      else if (entry.isFile()) found.push({ path });
      else found.push({ path, fault: 'special' });
      if (found.length + waiting.length > MAX_FILES) return [{ path, fault: 'too-many' }];
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function digestFile(path: string): Promise<string | { readonly code: FileFault['code'] }> {
  const { isLink } = await lstat(path).then((stats) => ({ isLink: stats.isSymbolicLink() }));
  if (isLink) return { code: 'link' };
  // Not through a link that came between looking and opening, and without waiting for a pipe's other end.
  await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const stats = await file.stat();
  if (!stats.isFile()) return { code: 'special' };
  if (stats.nlink > 1) return { code: 'link' };
  if (stats.size > MAX_FILE_BYTES) return { code: 'too-large' };
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, stats.size)));
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}
