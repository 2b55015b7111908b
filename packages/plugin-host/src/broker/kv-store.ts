import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RpcError } from '@proxycast/plugin-rpc';
import { RPC_CODES } from '@proxycast/spec/plugin';
import type { PluginCipher } from './plugin-cipher.ts';

/** A plugin's small private store. */
export interface KvStore {
  get(key: string): Promise<{ readonly found: boolean; readonly value?: unknown }>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<boolean>;
  list(prefix: string): Promise<readonly string[]>;
}

const MAX_KEYS = 1000;
const MAX_VALUE_BYTES = 256 * 1024;
const MAX_BYTES = 4 * 1024 * 1024;
const CONTEXT = 'kv';

/** One sealed file, written whole and put in place by renaming: after a crash it is the old one or the new one. */
export function createFileKvStore({ path, cipher }: { readonly path: string; readonly cipher: PluginCipher }): KvStore {
  let entries: Promise<Map<string, string>> | undefined;
  let lastWrite: Promise<unknown> = Promise.resolve();

  const load = (): Promise<Map<string, string>> => {
    entries ??= readEntries().catch((error: unknown) => {
      entries = undefined;
      throw error;
    });
    return entries;
  };

  async function readEntries(): Promise<Map<string, string>> {
    const sealed = await readFile(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (sealed === undefined) return new Map();
    const parsed: unknown = JSON.parse(Buffer.from(cipher.open(sealed, CONTEXT)).toString('utf8'));
    if (!Array.isArray(parsed)) throw new TypeError('The store is of another form.');
    return new Map(parsed.map(([key, text]: readonly string[]) => [key ?? '', text ?? '']));
  }

  /** One after the other; what memory holds is what the file holds, also when writing fails. */
  function change(edit: (draft: Map<string, string>) => boolean): Promise<boolean> {
    const run = lastWrite.then(async () => {
      const draft = new Map(await load());
      if (!edit(draft)) return false;
      const text = JSON.stringify([...draft]);
      if (draft.size > MAX_KEYS || text.length > MAX_BYTES)
        throw tooLarge(`A plugin may keep ${MAX_KEYS} keys and ${MAX_BYTES} bytes.`);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draftPath = `${path}.${randomUUID()}`;
      await writeFile(draftPath, cipher.seal(Buffer.from(text), CONTEXT), { mode: 0o600, flush: true });
      await rename(draftPath, path);
      entries = Promise.resolve(draft);
      return true;
    });
    lastWrite = run.catch(() => undefined);
    return run;
  }

  return {
    async get(key) {
      const text = (await load()).get(key);
      return text === undefined ? { found: false } : { found: true, value: JSON.parse(text) };
    },
    async set(key, value) {
      const text = JSON.stringify(value);
      if (text.length > MAX_VALUE_BYTES) throw tooLarge(`A value may have ${MAX_VALUE_BYTES} bytes.`);
      await change((draft) => {
        if (draft.get(key) === text) return false;
        draft.set(key, text);
        return true;
      });
    },
    delete: (key) => change((draft) => draft.delete(key)),
    list: async (prefix) => [...(await load()).keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
}

const tooLarge = (message: string): RpcError => new RpcError(RPC_CODES.overLimit, message, { code: 'store_full' });

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
