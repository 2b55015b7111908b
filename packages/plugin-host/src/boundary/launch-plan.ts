import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { PluginRuntime } from '@proxycast/spec/plugin';
import type { OuterBoundary } from './outer-boundary.ts';

/** What is started, and with what. */
export interface LaunchPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** All of it: nothing of the host's own environment goes along. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface LaunchRequest {
  /** Absolute, and real: no link on the way. */
  readonly folder: string;
  /** Inside the folder. */
  readonly entry: string;
  readonly runtime: PluginRuntime;
  /** Absolute path of the Node that runs it. */
  readonly node: string;
  readonly outer: OuterBoundary;
  readonly memory: MemoryBounds;
  /** One more folder that may be written, at the same path inside; only for the host's own programs. */
  readonly writableFolder?: string;
  /** The runtime's own walls are left out; only to find out whether the outer one holds alone. */
  readonly withoutRuntimeBoundary?: boolean;
  /** `node:sqlite` stays; only for the host's own programs. */
  readonly withSqlite?: boolean;
}

export interface MemoryBounds {
  /** Of V8's old generation, in MB. */
  readonly heapMb: number;
  /** Of everything the process keeps in memory, in MB: watched, and ended beyond. */
  readonly residentMb: number;
}

/** The old generation of a plugin that does its work stays under 40 MB (2026-11). */
export const DEFAULT_MEMORY: MemoryBounds = { heapMb: 128, residentMb: 384 };

const INSIDE_FOLDER = '/plugin';
const INSIDE_NODE = '/runtime/node';
/** Programs and libraries of the system; no person's data is in there. */
const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store', '/gnu/store'];
const SYSTEM_FILES = ['/etc/ld.so.cache', '/etc/alternatives', '/etc/localtime'];
const PRIVATE_TMP_BYTES = 16 * 1024 * 1024;
/**
 * Of private writable memory, what the system gives at most: V8 alone asks for some 530 MB of it for code and never touches
 * most (Node 26 on x64, 2026-11), so the bound is that and well over what is watched; the watch tells first.
 */
const dataBound = ({ residentMb }: MemoryBounds): number => Math.round(704 + residentMb * 1.5) * 1024 * 1024;

/** How a plugin is started inside every boundary that there is. Throws for a binary without an outer one. */
export function createLaunchPlan(request: LaunchRequest): LaunchPlan {
  const { outer, runtime, folder, node } = request;
  if (outer.type === 'none') {
    return {
      command: runtime === 'node' ? node : `${folder}/${request.entry}`,
      args: runtime === 'node' ? [...nodeArgs(request, folder), `${folder}/${request.entry}`] : [],
      env: environmentFor(runtime, folder),
      // Its own folder is all that it may read.
      cwd: folder,
    };
  }
  const inner =
    runtime === 'node'
      ? [INSIDE_NODE, ...nodeArgs(request, INSIDE_FOLDER), `${INSIDE_FOLDER}/${request.entry}`]
      : [`${INSIDE_FOLDER}/${request.entry}`];
  const wrapped = [...bubblewrapArgs(request, outer.options), '--', ...inner];
  const env = environmentFor(runtime, INSIDE_FOLDER);
  if (outer.prlimit === undefined) return { command: outer.path, args: wrapped, env, cwd: '/' };
  return {
    command: outer.prlimit,
    args: [`--data=${dataBound(request.memory)}`, '--core=0', '--nofile=512', outer.path, ...wrapped],
    env,
    cwd: '/',
  };
}

function nodeArgs(request: LaunchRequest, folder: string): readonly string[] {
  const { memory, writableFolder, withoutRuntimeBoundary = false, withSqlite = false } = request;
  const writable =
    writableFolder === undefined ? [] : [`--allow-fs-read=${writableFolder}`, `--allow-fs-write=${writableFolder}`];
  return [
    ...(withoutRuntimeBoundary ? [] : ['--permission', `--allow-fs-read=${folder}`, ...writable]),
    // The permission model does not see what SQLite opens (Node 26, seen 2026-11).
    ...(withSqlite ? [] : ['--no-experimental-sqlite']),
    // A signal would open the inspector.
    '--disable-sigusr1',
    '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
    `--max-old-space-size=${memory.heapMb}`,
    // Garbage of short life is most of what a plugin makes; its room is not given back by itself.
    '--max-semi-space-size=4',
  ];
}

function environmentFor(runtime: PluginRuntime, folder: string): Readonly<Record<string, string>> {
  return {
    PROXYCAST_PLUGIN: '1',
    LANG: 'C.UTF-8',
    ...(runtime === 'node' ? { UV_THREADPOOL_SIZE: '2' } : { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: folder }),
  };
}

function bubblewrapArgs(request: LaunchRequest, options: readonly string[]): readonly string[] {
  const { folder, node, runtime, writableFolder } = request;
  return [
    // Names of its own for users, processes, network, memory shared between processes, and the host.
    '--unshare-user',
    '--unshare-all',
    ...options,
    '--uid',
    '65534',
    '--gid',
    '65534',
    '--hostname',
    'plugin',
    '--cap-drop',
    'ALL',
    '--new-session',
    '--die-with-parent',
    ...SYSTEM_FOLDERS.flatMap(mountSystemFolder),
    ...SYSTEM_FILES.flatMap((path) => ['--ro-bind-try', path, path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--size',
    String(PRIVATE_TMP_BYTES),
    '--tmpfs',
    '/tmp',
    ...(runtime === 'node' ? ['--ro-bind', node, INSIDE_NODE] : []),
    '--ro-bind',
    folder,
    INSIDE_FOLDER,
    ...(writableFolder === undefined ? [] : ['--bind', writableFolder, writableFolder]),
    // /dev holds a /dev/shm, and the root is memory too: what is written there nobody counts.
    '--remount-ro',
    '/dev',
    '--remount-ro',
    '/',
    '--chdir',
    INSIDE_FOLDER,
  ];
}

/** As it is here: a folder, or a link such as /lib → usr/lib. */
function mountSystemFolder(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
