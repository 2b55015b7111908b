import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RolldownLog, rolldown } from 'rolldown';
import { renderThirdPartyNotices } from './third-party-notices.ts';

/** One program each: what a person starts, and what the server starts in a worker thread or a process of its own. */
const ENTRIES = {
  main: 'apps/server/src/main.ts',
  cli: 'apps/cli/src/main.ts',
  'sqlite-worker': 'apps/server/src/sqlite-worker.ts',
  'conversion-worker': 'apps/server/src/conversion-worker.ts',
  'plugin-database': 'packages/plugin-host/src/database/database-process.ts',
  'token-count-worker': 'apps/server/src/token-count-worker.ts',
};
const OUTPUT = 'apps/server/dist';

// Everything from npm is bundled too: the server's modules then load in half the time (0.13 s for 0.26 s, measured on
// Node 26.10 with undici, pino, kysely, hono, zod and prom-client).
/** Bundles the server into apps/server/dist. Throws with every fault of the sources in its message. */
export async function build(root: string): Promise<void> {
  const missing = Object.values(ENTRIES).filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) throw new Error(`Nothing to build at ${missing.join(', ')} (the list is in tools/build.ts).`);

  const warnings: RolldownLog[] = [];
  const bundle = await rolldown({
    cwd: root,
    input: ENTRIES,
    platform: 'node',
    plugins: [
      {
        // As an object literal a table is compiled and kept beside the object; as text it is parsed once, and sooner.
        name: 'json-as-text',
        transform(code, id) {
          if (!id.endsWith('.json')) return null;
          const text = JSON.stringify(JSON.stringify(JSON.parse(code)));
          return { code: `export default JSON.parse(${text});`, moduleType: 'js' };
        },
      },
    ],
    onLog: (_level, log) => warnings.push(log),
  });
  await using _ = { [Symbol.asyncDispose]: () => bundle.close() };

  const folder = join(root, OUTPUT);
  rmSync(folder, { recursive: true, force: true });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    // All in one folder, so that `new URL('./sqlite-worker.js', import.meta.url)` holds in every chunk.
    chunkFileNames: '[name]-[hash].js',
  });
  // An import nothing answers would only fail when it is reached, so it fails here.
  const fatal = warnings.filter(({ code }) => code === 'UNRESOLVED_IMPORT');
  if (fatal.length > 0) throw new Error(fatal.map(({ message }) => message).join('\n'));

  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(join(folder, 'THIRD-PARTY-NOTICES'), renderThirdPartyNotices(modules));
}

if (import.meta.main) {
  try {
    await build(resolve(import.meta.dirname, '..'));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
