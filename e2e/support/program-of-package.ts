import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * A file of an installed package, for example the native program of this platform's own one: main packages only link to it in
 * an install script, and install scripts do not run here. Takes the first of the packages that is there.
 */
export function programOfPackage(packages: readonly string[], path: string): string {
  const require = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      const program = join(dirname(require.resolve(`${name}/package.json`)), path);
      if (existsSync(program)) return program;
    } catch {
      // The next one may be there.
    }
  }
  throw new Error(`${packages[0]} is not installed. Run: node tools/prepare.mjs e2e`);
}
