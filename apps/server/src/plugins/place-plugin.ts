import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigests, verifyFiles } from '@proxycast/plugin-host';
import { InvalidRequestError } from '@proxycast/spec';

export interface PlacePluginParts {
  /** Where the plugin lies now. */
  readonly from: string;
  /** Where plugins are installed. */
  readonly folder: string;
  readonly name: string;
  /** Unique. */
  readonly id: string;
  readonly verify: typeof verifyFiles;
}

export interface PlacedPlugin {
  readonly digests: FileDigests;
  /** Puts it where plugins are started from, in place of the one that was there; where it cannot, that one stays. */
  commit(): Promise<void>;
  /** It is not wanted after all. */
  discard(): Promise<void>;
}

/** Left by an install or a removal that was cut off; nothing starts from there. */
const INCOMING = '.incoming';

/**
 * Copies a plugin beside the installed ones and takes down what every file is. Links of any kind and odd files are refused.
 * Throws InvalidRequestError.
 */
export async function placePlugin({ from, folder, name, id, verify }: PlacePluginParts): Promise<PlacedPlugin> {
  const incoming = join(folder, INCOMING, id);
  const copy = join(incoming, name);
  const discard = (): Promise<void> => rm(incoming, { recursive: true, force: true });
  const source = await verify(from);
  const [fault] = source.faults;
  if (fault !== undefined) {
    throw new InvalidRequestError({
      code: 'plugin_files_refused',
      message: `The file ${fault.path} of the plugin cannot be installed (${fault.code}): links, devices and files over the bounds are refused. Leave it out.`,
    });
  }
  try {
    await copyFolder(from, copy);
    // Of the copy, since that is what is started: what changed meanwhile shows.
    const { digests, faults } = await verify(copy, { expected: source.digests });
    if (faults.length > 0) {
      throw new InvalidRequestError({
        code: 'plugin_files_changed',
        message: `The files of the plugin changed while they were copied (${faults[0]?.path ?? ''}). Install it again when they are at rest.`,
      });
    }
    return {
      digests,
      discard,
      async commit() {
        const place = join(folder, name);
        const replaced = join(incoming, 'replaced');
        const wasThere = await rename(place, replaced).then(
          () => true,
          (cause: unknown) => {
            if (isMissing(cause)) return false;
            throw cause;
          },
        );
        try {
          await rename(copy, place);
        } catch (cause) {
          if (wasThere) await rename(replaced, place);
          throw cause;
        }
        await discard();
      },
    };
  } catch (cause) {
    await discard();
    throw cause;
  }
}

/** What was cut off before it was done. */
export function clearIncoming(folder: string): Promise<void> {
  return rm(join(folder, INCOMING), { recursive: true, force: true });
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) await copyFolder(source, join(to, entry.name));
    else await copyFile(source, join(to, entry.name));
  }
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
