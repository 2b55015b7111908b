import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestContext } from '../manifest/parse-plugin-manifest.ts';
import { type FolderReading, readPluginFolder } from './read-plugin-folder.ts';

/** What a scan found to be different from the one before. */
export type FolderChange =
  | { readonly type: 'added' | 'changed'; readonly reading: FolderReading }
  | { readonly type: 'removed'; readonly name: string };

export interface PluginLoaderParts {
  /** The folder of plugins; made when it is missing. */
  readonly folder: string;
  readonly context: ManifestContext;
  readonly onChanges: (changes: readonly FolderChange[]) => void;
  readonly onFault: (message: string) => void;
  /** Quiet time after a change before the folder is read: files of a copy come one by one. */
  readonly settleMs?: number;
  /** The folder is also read this often: a change can be missed, and some file systems tell of none. */
  readonly pollMs?: number;
}

export interface PluginLoader extends AsyncDisposable {
  /** Reads the folder now. Scans never overlap. */
  scan(): Promise<readonly FolderReading[]>;
}

/** Names that are no plugins: what is being put in place, what the system leaves. */
const isPluginName = (name: string): boolean => /^[a-z0-9]/.test(name) && !name.includes('.');

/** Reads the folder of plugins at once, and again after each change. */
export async function startPluginLoader(parts: PluginLoaderParts): Promise<PluginLoader> {
  const { folder, context, onChanges, onFault, settleMs = 200, pollMs = 10_000 } = parts;
  let known = new Map<string, { readonly reading: FolderReading; readonly stamp: string }>();
  let running: Promise<readonly FolderReading[]> = Promise.resolve([]);
  let timer: NodeJS.Timeout | undefined;
  let isDisposed = false;

  async function scanNow(): Promise<readonly FolderReading[]> {
    const found = new Map<string, { readonly reading: FolderReading; readonly stamp: string }>();
    const changes: FolderChange[] = [];
    const entries = await readdir(folder, { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isDirectory() && isPluginName(entry.name))) {
      const place = join(folder, name);
      const stamp = await stampOf(place);
      const before = known.get(name);
      if (before?.stamp === stamp) {
        found.set(name, before);
        continue;
      }
      const reading = await readPluginFolder(place, context);
      found.set(name, { reading, stamp });
      changes.push({ type: before === undefined ? 'added' : 'changed', reading });
    }
    for (const name of known.keys()) if (!found.has(name)) changes.push({ type: 'removed', name });
    known = found;
    if (changes.length > 0 && !isDisposed) onChanges(changes);
    return [...found.values()].map(({ reading }) => reading);
  }

  function scan(): Promise<readonly FolderReading[]> {
    running = running.catch(() => []).then(scanNow);
    return running;
  }

  function scanSoon(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => {
      scan().catch((error: unknown) => onFault(`The plugins folder cannot be read: ${wordsOf(error)}`));
    }, delayMs);
    timer.unref();
  }

  await mkdir(folder, { recursive: true, mode: 0o700 });
  await scan();
  const watcher = watchFolder(folder, () => scanSoon(settleMs), onFault);
  const poll = setInterval(() => scanSoon(0), pollMs);
  poll.unref();
  return {
    scan,
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      clearInterval(poll);
      clearTimeout(timer);
      watcher?.close();
      await running.catch(() => undefined);
    },
  };
}

function watchFolder(folder: string, onChange: () => void, onFault: (message: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { recursive: true }, onChange);
    watcher.on('error', (error) => onFault(`The plugins folder is looked at from time to time only: ${error.message}`));
    watcher.unref();
    return watcher;
  } catch (error) {
    onFault(`The plugins folder is looked at from time to time only: ${wordsOf(error)}`);
    return undefined;
  }
}

/** Changes when one of the files does that say what the plugin is and what is started. */
async function stampOf(folder: string): Promise<string> {
  const parts: string[] = [];
  for (const name of ['plugin.json', 'config.json', 'checksums.txt', 'bin', 'dist', '.']) {
    const stats = await stat(join(folder, name)).catch(() => undefined);
    parts.push(stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeMs}`);
  }
  return parts.join(' ');
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
