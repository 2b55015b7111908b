import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RpcError, rpcRefused } from '@proxycast/plugin-rpc';
import { RPC_CODES } from '@proxycast/spec/plugin';
import { type GrantedFile, type Grants, matchesPlace, splitLast } from './grants.ts';

/** A granted file, open, and looked at: it is the very file that was granted. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Absolute, without links. */
  readonly realPath: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
}

export interface FileAccess {
  /** Throws RpcError: not granted, a link that leads elsewhere, no plain file, not there. */
  open(path: string): Promise<OpenFile>;
  read(path: string, maxBytes: number): Promise<{ readonly bytes: Uint8Array; readonly modifiedAt: number }>;
  /** The files a granted pattern has now, as a plugin would name them. */
  list(pattern: string): Promise<readonly string[]>;
  /** Throws RpcError when the path is not granted; says nothing of whether it is there. */
  placeOf(path: string): string;
}

const MAX_LISTED = 1000;

/**
 * Files that were granted, each looked at when it is opened: its folder with its links resolved, its own name without. So a
 * link that comes later, made by whomever, leads nowhere. `refused`: folders nothing may be read from, whatever was granted.
 */
export function createFileAccess(grants: () => Grants, refused: readonly string[] = []): FileAccess {
  function find(path: string): GrantedFile {
    const granted = grants().findFilePattern(path);
    if (granted === undefined)
      throw rpcRefused(`${path} is not one of the files that were granted.`, { field: 'path' });
    return granted;
  }

  async function openGranted(path: string): Promise<OpenFile> {
    const { asked, place } = find(path);
    if (asked.includes('*'))
      throw new RpcError(RPC_CODES.invalidParams, 'A file is read by its name, without *.', { field: 'path' });
    const realPath = await realpath(asked).catch(() => undefined);
    if (realPath === undefined) throw notFound(path);
    const [folder, name] = splitLast(asked);
    const realFolder = await realpath(folder).catch(() => folder);
    const [, placeName] = splitLast(place);
    if (realPath !== join(realFolder, name) || !matchesPlace(join(realFolder, placeName), realPath)) {
      throw rpcRefused(`${path} is a link that leads elsewhere.`, { code: 'leads_elsewhere', field: 'path' });
    }
    for (const own of refused) {
      const realOwn = await realpath(own).catch(() => own);
      if (realPath === realOwn || realPath.startsWith(`${realOwn}/`))
        throw rpcRefused(`${path} is ProxyCast's own.`, { field: 'path' });
    }
    // A link or a pipe may take its place between looking and opening: neither is followed or waited for.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(realPath, flags).catch(() => undefined);
    if (handle === undefined) throw notFound(path);
    const stats = await handle.stat();
    const now = await stat(realPath).catch(() => undefined);
    if (!stats.isFile() || now === undefined || now.ino !== stats.ino || now.dev !== stats.dev) {
      await handle.close();
      throw rpcRefused(`${path} is no plain file.`, { code: 'no_plain_file', field: 'path' });
    }
    return {
      handle,
      realPath,
      sizeBytes: stats.size,
      modifiedAt: Math.floor(stats.mtimeMs),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  }

  return {
    open: openGranted,
    async read(path, maxBytes) {
      await using file = await openGranted(path);
      if (file.sizeBytes > maxBytes)
        throw new RpcError(RPC_CODES.overLimit, `${path} is larger than ${maxBytes} bytes.`);
      const buffer = Buffer.alloc(file.sizeBytes);
      const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
      return { bytes: buffer.subarray(0, bytesRead), modifiedAt: file.modifiedAt };
    },
    async list(pattern) {
      const { asked, pattern: granted } = find(pattern);
      const [folder] = splitLast(asked);
      const [written] = splitLast(pattern);
      if (granted !== pattern && pattern.includes('*'))
        throw rpcRefused(`${pattern} is not a pattern that was granted.`, { field: 'pattern' });
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isFile() && matchesPlace(asked, join(folder, entry.name)))
        .map(({ name }) => `${written}/${name}`)
        .sort()
        .slice(0, MAX_LISTED);
    },
    placeOf: (path) => find(path).asked,
  };
}

const notFound = (path: string): RpcError =>
  new RpcError(RPC_CODES.unavailable, `${path} is not there, or may not be read.`, {
    code: 'not_found',
    field: 'path',
  });
