import { mkdir, rm, writeFile } from 'node:fs/promises';

const FOLDER = new URL('../node_modules/.readme-snippets/', import.meta.url);
let count = 0;

/** Runs a snippet of README.md as the module it shows, and gives what it names; of what types that is, the caller knows. */
export async function importSnippet<Named>(snippet: string, names: readonly (keyof Named & string)[]): Promise<Named> {
  await mkdir(FOLDER, { recursive: true });
  count += 1;
  // Beside the packages, so that they are found as they are in a project.
  const file = new URL(`${process.pid}-${count}.mjs`, FOLDER);
  await writeFile(file, `${snippet}\nexport { ${names.join(', ')} };\n`);
  try {
    return await import(/* @vite-ignore */ file.href);
  } finally {
    await rm(file);
  }
}
