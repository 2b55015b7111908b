import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** What plugins are made with. Each goes to the registry as compiled modules with their types. */
export const PUBLISHED = [
  'packages/spec',
  'packages/wire',
  'packages/conversion',
  'packages/plugin-rpc',
  'packages/plugin-sdk',
  'packages/protocols/anthropic-messages',
  'packages/protocols/gemini',
  'packages/protocols/openai-chat',
  'packages/protocols/openai-responses',
];

/**
 * Compiles the published packages and packs each into a `.tgz` in `output`. Answers their paths, in the order above.
 * Throws with the compiler's or npm's words.
 */
export function packPackages(root: string, output: string): readonly string[] {
  const stage = mkdtempSync(join(tmpdir(), 'proxycast-pack-'));
  try {
    compile(root, stage);
    mkdirSync(output, { recursive: true });
    return PUBLISHED.map((folder) => packOne(root, stage, folder, output));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** All at once, so that what one takes from another is checked against its source and named as it is published. */
function compile(root: string, stage: string): void {
  const project = join(stage, 'tsconfig.json');
  const own: unknown = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const options = typeof own === 'object' && own !== null && 'compilerOptions' in own ? own.compilerOptions : {};
  writeFileSync(
    project,
    JSON.stringify({
      compilerOptions: {
        ...(typeof options === 'object' ? options : {}),
        typeRoots: [join(root, 'node_modules/@types')],
        noEmit: false,
        allowImportingTsExtensions: false,
        rewriteRelativeImportExtensions: true,
        declaration: true,
        rootDir: join(root, 'packages'),
        outDir: join(stage, 'packages'),
      },
      include: PUBLISHED.map((folder) => join(root, folder, 'src/**/*.ts')),
      exclude: ['*.test.ts', 'testing/**', 'fixtures/**'].map((path) => join(root, 'packages/**', path)),
    }),
  );
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', project], root);
  // The compiler renames what modules import, and leaves the names in their types as they are.
  for (const path of globSync('packages/**/*.d.ts', { cwd: stage })) {
    const text = readFileSync(join(stage, path), 'utf8');
    writeFileSync(join(stage, path), text.replaceAll(/(['"]\.{1,2}\/[^'"\n]*)\.ts(['"])/g, '$1.js$2'));
  }
}

function packOne(root: string, stage: string, folder: string, output: string): string {
  const source: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  if (typeof source !== 'object' || source === null) throw new TypeError(`${folder}/package.json is no object.`);
  const {
    private: _private,
    devDependencies: _dev,
    exports: exported,
    ...kept
  } = { ...source } as Record<string, unknown>;
  const place = join(stage, folder);
  const entries = Object.entries(typeof exported === 'object' && exported !== null ? exported : {});
  const published = {
    ...kept,
    files: ['src'],
    exports: Object.fromEntries(
      entries.map(([subpath, file]) => {
        const compiled = String(file).replace(/\.ts$/, '.js');
        return [subpath, { types: compiled.replace(/\.js$/, '.d.ts'), default: compiled }];
      }),
    ),
  };
  writeFileSync(join(place, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
  for (const name of ['README.md']) cpSync(join(root, folder, name), join(place, name));
  cpSync(join(root, 'LICENSE'), join(place, 'LICENSE'));
  const printed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', output], place);
  const packed: unknown = JSON.parse(printed);
  const first: unknown = Array.isArray(packed) ? packed[0] : Object.values(Object(packed))[0];
  const name = typeof first === 'object' && first !== null && 'filename' in first ? String(first.filename) : '';
  return join(output, basename(name));
}

function run(command: string, words: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words[0]}: ${error?.message ?? ''}${stdout}${stderr}`);
  return stdout;
}

if (import.meta.main) {
  const [output = 'dist'] = process.argv.slice(2);
  for (const path of packPackages(resolve(import.meta.dirname, '..'), resolve(output))) console.log(path);
}
