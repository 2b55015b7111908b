import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

export interface BuiltPlugin extends AsyncDisposable {
  /** Absolute; its last part is the plugin's name. */
  readonly folder: string;
}

const built = new Map<string, Promise<string>>();

/** Bundles a plugin's source once for a whole run, and gives a folder of its own each time. */
export async function buildPlugin(source: URL, manifest: Readonly<Record<string, unknown>>): Promise<BuiltPlugin> {
  const code = built.get(source.href) ?? bundle(source);
  built.set(source.href, code);
  const { name } = manifest;
  const home = await mkdtemp(join(tmpdir(), 'proxycast-plugin-'));
  const folder = join(home, String(name));
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin', 'backend.js'), await code);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(folder, 'plugin.json'), JSON.stringify(manifest));
  return { folder, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}

async function bundle(source: URL): Promise<string> {
  const made = await rolldown({ input: source.pathname, platform: 'node' });
  try {
    const { output } = await made.generate({ format: 'esm', codeSplitting: false });
    return output[0].code;
  } finally {
    await made.close();
  }
}

/** A copy of a folder that a build made, under the plugin's name. */
export async function copyPlugin(from: string, name: string): Promise<BuiltPlugin> {
  const home = await mkdtemp(join(tmpdir(), 'proxycast-plugin-'));
  const folder = join(home, name);
  await cp(from, folder, { recursive: true });
  return { folder, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}
