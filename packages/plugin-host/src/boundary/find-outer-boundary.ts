import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { OuterBoundary } from './outer-boundary.ts';

const run = promisify(execFile);
const LIMIT_MS = 5000;

/** What a search needs to know of the machine. */
export interface OuterBoundarySearch {
  readonly platform: NodeJS.Platform;
  /** Folders of programs, in one text as PATH has them. */
  readonly path: string;
}

/**
 * The outer boundary of this machine: found, and tried. One that is installed but may not be used here (a container
 * without user namespaces) is none, and `why` says so.
 */
export async function findOuterBoundary({ platform, path }: OuterBoundarySearch): Promise<OuterBoundary> {
  switch (platform) {
    case 'linux':
      return await findBubblewrap(path);
    case 'darwin':
      return { type: 'none', why: 'A profile for macOS is written but not verified, so it is not used.' };
    default:
      return { type: 'none', why: `There is none for ${platform} yet.` };
  }
}

async function findBubblewrap(path: string): Promise<OuterBoundary> {
  const bwrap = findProgram('bwrap', path);
  if (bwrap === undefined) {
    return { type: 'none', why: 'bubblewrap is not installed. On Debian: apt-get install bubblewrap' };
  }
  const version = await run(bwrap, ['--version'], { timeout: LIMIT_MS }).then(
    ({ stdout }) => stdout.trim().split(' ').at(-1) ?? '',
    () => undefined,
  );
  if (version === undefined) return { type: 'none', why: `${bwrap} does not start.` };
  const prlimit = findProgram('prlimit', path);
  // The stricter first: no user namespaces inside, so nothing inside gains rights by making one.
  let why = '';
  for (const options of [['--disable-userns'], []]) {
    const fault = await findFault(bwrap, options);
    if (fault === undefined) {
      return { type: 'bubblewrap', path: bwrap, version, options, ...(prlimit === undefined ? {} : { prlimit }) };
    }
    why = fault;
  }
  return {
    type: 'none',
    why: `bubblewrap is installed but may not make namespaces here (${why}). In a container, allow user namespaces.`,
  };
}

async function findFault(bwrap: string, options: readonly string[]): Promise<string | undefined> {
  const args = ['--unshare-user', '--unshare-all', ...options, '--ro-bind', '/', '/', '--proc', '/proc', '/bin/true'];
  try {
    await run(bwrap, args, { timeout: LIMIT_MS });
    return undefined;
  } catch (error) {
    const words =
      typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : String(error);
    return words.trim().split('\n').at(-1)?.slice(0, 200) ?? 'it failed';
  }
}

function findProgram(name: string, path: string): string | undefined {
  return [...path.split(delimiter), '/usr/bin', '/bin', '/usr/local/bin']
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}
