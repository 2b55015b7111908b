import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join, matchesGlob, posix, resolve } from 'node:path';
import { findCycles } from './find-cycles.ts';
import { type Import, readImports } from './read-imports.ts';

/**
 * Who may import whom, beside `packages/spec`, which everyone may. What is not written is not allowed.
 * `tools` and `e2e` are not rooms: they may import anything.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'packages/spec': [],
  'packages/wire': [],
  'packages/conversion': ['packages/wire'],
  'packages/protocols/*': ['packages/wire', 'packages/conversion'],
  'packages/credentials': [],
  'packages/routing': [],
  'packages/storage': [],
  'packages/gateway': ['packages/wire', 'packages/conversion', 'packages/credentials', 'packages/routing'],
  'packages/api-key-providers': ['packages/wire'],
  'packages/echo-provider': [],
  'packages/plugin-rpc': [],
  // The plugins that its tests start are plugins.
  'packages/plugin-host/src/testing': ['packages/wire', 'packages/plugin-rpc', 'packages/plugin-sdk'],
  'packages/plugin-host': ['packages/wire', 'packages/plugin-rpc'],
  'packages/plugin-sdk': ['packages/plugin-rpc'],
  'packages/plugin-ui': [],
  'packages/observe': [],
  'packages/limits': [],
  'packages/guarded-fetch': [],
  'packages/token-count': [],
  'packages/responses-store': [],
  'packages/agent': [],
  'packages/console-api': [],
  'packages/admin-api': ['packages/console-api'],
  'packages/testkit': ['packages/wire', 'packages/conversion', 'packages/protocols/*'],
  'plugins/*/backend': ['packages/plugin-sdk', 'packages/protocols/*'],
  'plugins/*/ui': ['packages/plugin-ui'],
  // A plugin's build, beside its parts.
  'plugins/*': [],
  'apps/cli': ['packages/console-api'],
  'apps/console': ['packages/plugin-ui', 'packages/console-api'],
  'apps/server': ['packages/*', 'packages/protocols/*'],
};
const FOR_EVERYONE = 'packages/spec';
/** Imported by tests only, without being declared, as Vitest is. */
const FOR_TESTS = 'packages/testkit';
/** These run anywhere, so they know nothing of Node. */
const WITHOUT_NODE = ['packages/spec', 'packages/conversion', 'packages/protocols/*'];
/** Data outside every package, and the rooms that may import it; tests may too. */
const DATA: Readonly<Record<string, readonly string[]>> = { 'presets/**/*.json': ['apps/server'] };
const NAMELESS = /^(utils?|helpers?|common|misc)$/;

const PACKAGES = '{packages,packages/protocols,plugins,plugins/*,apps}/*/package.json';
const SOURCES = '{packages,plugins,apps}/**/*.{ts,tsx,mts,js,jsx,mjs}';
const FOLDERS = '{packages,plugins,apps,tools,e2e,presets,architecture}/**';
const isOutside = (path: string): boolean => /(^|\/)(node_modules|dist|fixtures)(\/|$)/.test(path);
/** A plugin's build is no part of it: what it uses is among the plugin's devDependencies, as what tests use. */
const isTest = (path: string): boolean =>
  /\.test\.[jt]sx?$|\/testing\/|^plugins\/[^/]+\/build\.mjs$/.test(path) || path.startsWith(`${FOR_TESTS}/`);

export interface ImportFault {
  readonly path: string;
  /** Absent where the fault is in a name or between files. */
  readonly line?: number;
  readonly message: string;
}

interface Package {
  readonly folder: string;
  readonly name: string;
  /** Subpath to file, both beginning with a dot. */
  readonly exports: ReadonlyMap<string, string>;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

interface Source {
  readonly path: string;
  readonly home: Package;
  readonly room: string;
  readonly isTest: boolean;
}

/** All breaches of the rules above under `root`, in the order of paths. */
export function findImportFaults(root: string): readonly ImportFault[] {
  const packages = globSync(PACKAGES, { cwd: root, exclude: isOutside }).map((path) => readPackage(root, path));
  const rootTools = readPackage(root, 'package.json').devDependencies;
  const faults: ImportFault[] = [...findNamelessFaults(root)];
  const betweenPackages = new Map<string, Set<string>>();
  const betweenFiles = new Map<string, Set<string>>();

  for (const path of globSync(SOURCES, { cwd: root, exclude: isOutside }).map(toPosix).sort()) {
    const home = findHome(packages, path);
    const room = findRoom(path);
    if (home === undefined || room === undefined) {
      const what = home === undefined ? 'is in no package' : 'is in no room of the table in tools/check-imports.ts';
      faults.push({ path, message: `${what}: give its folder a package.json and a row there` });
      continue;
    }
    const source = { path, home, room, isTest: isTest(path) };
    for (const imported of readImports(path, readFileSync(join(root, path), 'utf8'))) {
      const verdict = judge(source, imported, packages, rootTools);
      if (verdict.fault !== undefined) faults.push({ path, line: imported.line, message: verdict.fault });
      if (verdict.file !== undefined) addEdge(betweenFiles, path, verdict.file);
      if (verdict.folder !== undefined && !source.isTest) addEdge(betweenPackages, home.folder, verdict.folder);
    }
  }
  for (const cycle of [...findCycles(betweenPackages), ...findCycles(betweenFiles)]) {
    faults.push({ path: cycle[0] ?? '', message: `is in a cycle: ${cycle.join(' → ')}` });
  }
  return faults.sort((a, b) => a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0));
}

/** A file of the same package, or the folder of another, that the import reaches, for the cycles; and what is wrong. */
interface Verdict {
  readonly fault?: string;
  readonly file?: string;
  readonly folder?: string;
}

function judge(
  source: Source,
  { specifier }: Import,
  packages: readonly Package[],
  rootTools: ReadonlySet<string>,
): Verdict {
  if (specifier.startsWith('.')) return judgeRelative(source, specifier);
  if (isBuiltin(specifier)) return judgeBuiltin(source, specifier);

  const name = packageNameOf(specifier);
  const target = packages.find((candidate) => candidate.name === name);
  if (target !== undefined) return judgePackage(source, specifier, target);

  const { dependencies, devDependencies } = source.home;
  if (dependencies.has(name) || (source.isTest && (devDependencies.has(name) || rootTools.has(name)))) return {};
  return { fault: `imports ${name}, which ${source.home.folder}/package.json does not list as a dependency` };
}

function judgeRelative({ path, home, room, isTest: isFromTest }: Source, specifier: string): Verdict {
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith(`${home.folder}/`)) {
    const readers = Object.entries(DATA).find(([data]) => matchesGlob(target, data))?.[1];
    if (readers === undefined) return { fault: `reaches into ${target}: import the package by its name` };
    if (isFromTest || readers.some((reader) => reader === room)) return {};
    return { fault: `imports ${target}: only ${readers.join(', ')} may; take the data as a parameter` };
  }
  if (target === posix.join(home.folder, home.exports.get('.') ?? 'src/index.ts')) {
    return { file: target, fault: `imports the index of its own package: import the file that has it` };
  }
  if (isTest(target) && !isFromTest) return { file: target, fault: `imports ${specifier}, which belongs to tests` };
  return { file: target };
}

function judgeBuiltin({ room, isTest: isFromTest }: Source, specifier: string): Verdict {
  if (isFromTest || !WITHOUT_NODE.includes(room)) return {};
  return { fault: `imports ${specifier}: ${room} knows nothing of Node; take what it gives as a parameter` };
}

function judgePackage(source: Source, specifier: string, target: Package): Verdict {
  const { home, room, isTest: isFromTest } = source;
  if (target === home) return { fault: `imports its own package by name: import the file that has it` };

  const reached = { folder: target.folder };
  const subpath = `.${specifier.slice(target.name.length)}`;
  if (!target.exports.has(subpath)) {
    return { ...reached, fault: `imports ${specifier}, which ${target.folder}/package.json does not export` };
  }
  if (target.folder === FOR_TESTS) {
    return isFromTest ? reached : { ...reached, fault: `imports ${target.name}, which only tests may` };
  }
  const allowed = [FOR_EVERYONE, ...(ROOMS[room] ?? [])];
  if (
    !allowed.includes(findRoom(`${target.folder}/`) ?? '') &&
    !allowed.some((one) => matchesGlob(target.folder, one))
  ) {
    return { ...reached, fault: `imports ${target.name}: ${room} may import ${allowed.join(', ')} only` };
  }
  if (!home.dependencies.has(target.name) && !(isFromTest && home.devDependencies.has(target.name))) {
    return {
      ...reached,
      fault: `imports ${target.name}, which ${home.folder}/package.json does not list as a dependency`,
    };
  }
  return reached;
}

function* findNamelessFaults(root: string): Generator<ImportFault> {
  for (const path of globSync(FOLDERS, { cwd: root, exclude: isOutside }).map(toPosix)) {
    const [name = ''] = basename(path).split('.');
    if (NAMELESS.test(name))
      yield { path, message: `is called ${name}, which names nothing: find the noun of what is in it` };
  }
}

function findRoom(path: string): string | undefined {
  return Object.keys(ROOMS).find((room) => matchesGlob(path, `${room}/**`) || matchesGlob(path, `${room}/`));
}

function findHome(packages: readonly Package[], path: string): Package | undefined {
  return packages
    .filter(({ folder }) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)
    .at(0);
}

function readPackage(root: string, path: string): Package {
  const json: unknown = JSON.parse(readFileSync(join(root, path), 'utf8'));
  const field = (name: string): Map<string, unknown> => new Map(Object.entries(toRecord(toRecord(json)[name])));
  const { name, exports } = toRecord(json);
  const exported = typeof exports === 'string' ? [['.', exports] as const] : Object.entries(toRecord(exports));
  return {
    folder: posix.dirname(toPosix(path)),
    name: typeof name === 'string' ? name : '',
    exports: new Map(exported.map(([subpath, file]) => [subpath, typeof file === 'string' ? file : ''])),
    dependencies: new Set(
      ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) => [...field(kind).keys()]),
    ),
    devDependencies: new Set(field('devDependencies').keys()),
  };
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function toPosix(path: string): string {
  return path.replaceAll('\\', '/');
}

function addEdge(graph: Map<string, Set<string>>, from: string, to: string): void {
  const targets = graph.get(from);
  if (targets === undefined) graph.set(from, new Set([to]));
  else targets.add(to);
}

if (import.meta.main) {
  const faults = findImportFaults(resolve(import.meta.dirname, '..'));
  for (const { path, line, message } of faults) {
    console.error(`${path}${line === undefined ? '' : `:${line}`} ${message}`);
  }
  if (faults.length > 0) process.exitCode = 1;
}
