// Makes `package/`: the folder that is installed, with everything the process needs in one file.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const output = join(here, 'package');
rmSync(output, { recursive: true, force: true });
mkdirSync(join(output, 'bin'), { recursive: true });

const bundle = await rolldown({ cwd: here, input: 'backend/index.ts', platform: 'node' });
await bundle.write({ file: join(output, 'bin', 'backend.js'), format: 'esm', codeSplitting: false });
await bundle.close();

// The nearest package.json says what kind of module backend.js is; without one Node has to guess.
writeFileSync(join(output, 'package.json'), '{ "type": "module" }\n');
for (const name of ['plugin.json', 'config.json', 'README.md']) copyFileSync(join(here, name), join(output, name));

const files = readdirSync(output, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(output.length + 1)
      .replaceAll('\\', '/'),
  )
  .sort();
const digest = (path) =>
  createHash('sha256')
    .update(readFileSync(join(output, path)))
    .digest('hex');
writeFileSync(join(output, 'checksums.txt'), files.map((path) => `${digest(path)}  ${path}\n`).join(''));
