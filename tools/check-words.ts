import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

interface Rule {
  readonly pattern: RegExp;
  readonly isAbout: (path: string) => boolean;
  readonly message: string;
}

const isRecorded = (path: string): boolean => /(^|\/)(fixtures|LICENSES)\//.test(path) || path.endsWith('.golden');
const isLockFile = (path: string): boolean => basename(path) === 'package-lock.json';
const isTest = (path: string): boolean => /\.test\.[jt]sx?$/.test(path);

// The words are put together from parts so that this file does not contain them.
const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`(?<![\\w.-])/(${['work', 'root', 'home/[\\w.-]+', 'Users/[\\w.-]+'].join('|')})/`),
    isAbout: (path) => !isRecorded(path),
    message: 'names a folder of one machine: make it relative, or take it from the environment',
  },
  {
    pattern: new RegExp(`"${'resol'}ved": "http`),
    isAbout: isLockFile,
    message: 'names the registry of one machine: make the lock file again with the .npmrc of the repository',
  },
  {
    pattern: new RegExp(
      `\\b(describe|test|it|suite|bench)(\\.\\w+)*\\.(${['only', 'skip', 'to' + 'do'].join('|')})\\b`,
    ),
    isAbout: isTest,
    message: 'leaves tests out: run them all, or remove what does not hold any more',
  },
  {
    pattern: new RegExp(`\\b(${['TO', 'FIX'].map((first, index) => first + ['DO', 'ME'][index]).join('|')})\\b`),
    isAbout: (path) => !isRecorded(path),
    message: 'puts work off: do it now, or open an issue',
  },
];

/** Text longer than this in one line is data, which nobody writes by hand. */
const LONGEST_SHOWN = 120;

export interface WordFault {
  readonly path: string;
  readonly line: number;
  readonly message: string;
  readonly text: string;
}

/** Every line of a file that one of the rules refuses. `path` is from the root, with slashes. */
export function findWordFaults(path: string, text: string): readonly WordFault[] {
  const rules = RULES.filter(({ isAbout }) => isAbout(path));
  if (!rules.some(({ pattern }) => pattern.test(text))) return [];
  return text
    .split('\n')
    .flatMap((content, index) =>
      rules
        .filter(({ pattern }) => pattern.test(content))
        .map(({ message }) => ({ path, line: index + 1, message, text: content.trim().slice(0, LONGEST_SHOWN) })),
    );
}

/** What is in the repository or about to be; in a copy without git, everything but what is made here. */
function listFiles(root: string): readonly string[] {
  if (!existsSync(join(root, '.git'))) {
    return globSync('**/*', { cwd: root, exclude: (path) => /(^|\/)(node_modules|dist|\.git)$/.test(path) });
  }
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', options, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return listed.split('\0').filter((path) => path !== '');
}

function readText(path: string): string | undefined {
  // A file that git knows may have been removed and not yet committed.
  if (!existsSync(path) || !statSync(path).isFile()) return undefined;
  const bytes = readFileSync(path);
  return bytes.includes(0) ? undefined : bytes.toString('utf8');
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const faults = listFiles(root).flatMap((path) => {
    const text = isRecorded(path) ? undefined : readText(join(root, path));
    return text === undefined ? [] : findWordFaults(path.replaceAll('\\', '/'), text);
  });
  for (const { path, line, message, text } of faults) console.error(`${path}:${line} ${message}\n    ${text}`);
  if (faults.length > 0) process.exitCode = 1;
}
