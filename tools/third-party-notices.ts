import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILES = '{LICENSE,LICENCE,LICENSE-*,COPYING,NOTICE,license}{,.md,.txt}';

/** The licence texts of every npm package that `modules` (absolute paths) come from. Throws for one without a licence. */
export function renderThirdPartyNotices(modules: readonly string[]): string {
  const folders = [...new Set(modules.map(packageFolderOf))].filter((folder) => folder !== undefined).sort();
  const notices = folders.map(renderNotice);
  return `ProxyCast contains the following packages.\n\n${[...new Set(notices)].join('\n')}`;
}

function packageFolderOf(modulePath: string): string | undefined {
  const match = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(modulePath.replace(/^\0/, ''));
  return match?.[0];
}

function renderNotice(folder: string): string {
  const { name, version, license } = parsePackage(readFileSync(join(folder, 'package.json'), 'utf8'), folder);
  const files = globSync(LICENCE_FILES, { cwd: folder }).sort();
  if (license === undefined && files.length === 0) {
    throw new Error(`${name} ${version} has no licence, so it cannot be part of what we ship. Replace it.`);
  }
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return ['-'.repeat(80), `${name} ${version} (${license ?? 'licence below'})`, '', ...texts, ''].join('\n');
}

function parsePackage(text: string, folder: string): { name: string; version: string; license: string | undefined } {
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null) throw new Error(`${folder}/package.json is not an object.`);
  const name = 'name' in json && typeof json.name === 'string' ? json.name : folder;
  const version = 'version' in json && typeof json.version === 'string' ? json.version : 'without a version';
  const license = 'license' in json && typeof json.license === 'string' ? json.license : undefined;
  return { name, version, license };
}
