import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const TEMPLATE = fileURLToPath(new URL('../../../../plugins/template', import.meta.url));

/** The template plugin, built into a folder of its own that goes with it. */
export async function buildTemplate(): Promise<{ readonly path: string } & Disposable> {
  const folder = mkdtempSync(join(tmpdir(), 'proxycast-template-'));
  const path = join(folder, 'template');
  const bundle = await rolldown({ input: join(TEMPLATE, 'backend', 'index.ts'), platform: 'node' });
  await bundle.write({ file: join(path, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
  await bundle.close();
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }\n');
  for (const name of ['plugin.json', 'config.json']) cpSync(join(TEMPLATE, name), join(path, name));
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
