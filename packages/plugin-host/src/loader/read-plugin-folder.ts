import { lstat, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type PluginConfig, type PluginManifest, pluginConfigSchema, readSchema } from '@proxycast/spec/plugin';
import { type ManifestContext, type ManifestFault, parsePluginManifest } from '../manifest/parse-plugin-manifest.ts';

/** A plugin's folder as far as it can be read without starting anything. */
export type FolderReading =
  | {
      readonly type: 'plugin';
      readonly name: string;
      readonly folder: string;
      readonly manifest: PluginManifest;
      /** The defaults at install. */
      readonly config: PluginConfig;
      readonly warnings: readonly ManifestFault[];
    }
  | {
      readonly type: 'faulty';
      readonly name: string;
      readonly folder: string;
      readonly faults: readonly ManifestFault[];
    };

const MAX_JSON_BYTES = 1024 * 1024;

/** `anyName`: also of a folder that is not called as its plugin; those that are started from have to be. */
export async function readPluginFolder(
  folder: string,
  context: ManifestContext,
  { anyName = false }: { readonly anyName?: boolean } = {},
): Promise<FolderReading> {
  const name = basename(folder);
  const faulty = (faults: readonly ManifestFault[]): FolderReading => ({ type: 'faulty', name, folder, faults });
  const text = await readSmallFile(join(folder, 'plugin.json'));
  if (typeof text !== 'string') return faulty([{ field: '', message: `plugin.json ${text.fault}.` }]);
  const reading = parsePluginManifest(text, context);
  if (reading.type === 'invalid') return faulty(reading.faults);
  const { manifest, warnings } = reading;
  const faults: ManifestFault[] = [];
  if (manifest.name !== name && !anyName) {
    faults.push({
      field: 'name',
      message: `is ${manifest.name}, but the folder is ${name}. Rename the folder to ${manifest.name}.`,
    });
  }
  for (const [field, inner] of [
    ['entry', manifest.entry],
    ['ui.entry', manifest.ui?.entry],
    ['ui.styles', manifest.ui?.styles],
  ] as const) {
    if (inner !== undefined && !(await isPlainFile(join(folder, inner)))) {
      faults.push({ field, message: `names ${inner}, which is not there. Build the plugin, or install it again.` });
    }
  }
  const config = await readConfig(folder);
  if ('faults' in config) faults.push(...config.faults);
  return faults.length > 0 || 'faults' in config
    ? faulty(faults)
    : { type: 'plugin', name, folder, manifest, config: config.value, warnings };
}

async function readConfig(
  folder: string,
): Promise<{ readonly value: PluginConfig } | { readonly faults: readonly ManifestFault[] }> {
  const text = await readSmallFile(join(folder, 'config.json'));
  if (typeof text !== 'string') {
    return text.isMissing ? { value: {} } : { faults: [{ field: '', message: `config.json ${text.fault}.` }] };
  }
  try {
    const reading = readSchema(pluginConfigSchema, JSON.parse(text));
    if (reading.type === 'valid') return { value: reading.value };
    return { faults: reading.faults.map(({ path, message }) => ({ field: `config.json: ${path}`, message })) };
  } catch {
    return { faults: [{ field: '', message: 'config.json is no JSON. Correct it, or remove it.' }] };
  }
}

async function readSmallFile(path: string): Promise<string | { readonly fault: string; readonly isMissing: boolean }> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return { fault: 'is missing', isMissing: true };
  if (!stats.isFile()) return { fault: 'is no plain file', isMissing: false };
  if (stats.size > MAX_JSON_BYTES) return { fault: 'is larger than a megabyte', isMissing: false };
  return await readFile(path, 'utf8');
}

async function isPlainFile(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() === true;
}
