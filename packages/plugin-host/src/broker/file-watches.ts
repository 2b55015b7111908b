import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { RpcError } from '@proxycast/plugin-rpc';
import { RPC_CODES } from '@proxycast/spec/plugin';

/** Files that a plugin wants to hear of. */
export interface FileWatches extends Disposable {
  /** Answers the watch's id. Throws RpcError when there are too many. */
  add(place: string): number;
  remove(id: number): void;
}

const MAX_WATCHES = 16;
/** A rotated token should be seen within a second, and official clients put files in place by renaming. */
const EVERY_MS = 800;

/** Looks at each file by its name, so that a new file in its place is seen like a change. */
export function createFileWatches(onChange: (id: number) => void): FileWatches {
  const watches = new Map<number, { readonly place: string; readonly listener: StatsListener }>();
  let lastId = 0;
  return {
    add(place) {
      if (watches.size >= MAX_WATCHES) {
        throw new RpcError(RPC_CODES.overLimit, `A plugin may watch ${MAX_WATCHES} files.`, {
          code: 'too_many_watches',
        });
      }
      const id = ++lastId;
      // For a file that is not there the first look is told too, with the same nothing twice.
      const listener: StatsListener = (now, before) => {
        if (now.ino !== before.ino || now.mtimeMs !== before.mtimeMs || now.size !== before.size) onChange(id);
      };
      watches.set(id, { place, listener });
      watchFile(place, { interval: EVERY_MS, persistent: false }, listener);
      return id;
    },
    remove(id) {
      const watch = watches.get(id);
      if (watch === undefined) return;
      watches.delete(id);
      unwatchFile(watch.place, watch.listener);
    },
    [Symbol.dispose]() {
      for (const { place, listener } of watches.values()) unwatchFile(place, listener);
      watches.clear();
    },
  };
}
