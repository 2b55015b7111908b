import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChatVariant, parseChatVariant } from '@proxycast/protocol-openai-chat';

export interface LoadedVariants {
  readonly variants: readonly ChatVariant[];
  /** What the variants were read from, in the same order: threads are given that and read it again. */
  readonly data: readonly unknown[];
  /** What is wrong with files of the person's own; they are left out. */
  readonly faults: readonly { readonly path: string; readonly message: string }[];
}

/**
 * The variants that ship with ProxyCast, and those of the folder `protocols` in the home folder. A file there with the id of
 * one that ships takes its place.
 */
export function loadVariants(bundled: readonly unknown[], folder: string): LoadedVariants {
  const byId = new Map<string, { readonly variant: ChatVariant; readonly data: unknown }>();
  for (const data of bundled) {
    const variant = parseChatVariant(data);
    byId.set(variant.id, { variant, data });
  }
  const faults: { path: string; message: string }[] = [];
  for (const name of listFiles(folder)) {
    const path = join(folder, name);
    try {
      const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
      const variant = parseChatVariant(data);
      if (RESERVED.includes(variant.id))
        throw new TypeError(`The id ${variant.id} is a dialect's own. Choose another.`);
      byId.set(variant.id, { variant, data });
    } catch (cause) {
      faults.push({ path, message: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  const loaded = [...byId.values()];
  return { variants: loaded.map(({ variant }) => variant), data: loaded.map(({ data }) => data), faults };
}

const RESERVED: readonly string[] = ['openai', 'responses', 'anthropic', 'gemini', 'bedrock-converse'];

function listFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw cause;
  }
}
