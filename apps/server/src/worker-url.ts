/** The script of a worker: beside this file, and of its kind, a source file when run from sources, a script when built. */
export function workerUrl(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
