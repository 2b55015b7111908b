import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that npm cannot bring. */
export interface SystemProgram {
  readonly name: string;
  /** What is left out without it, as a phrase. */
  readonly neededFor: string;
  readonly debianPackage: string;
  readonly executable: string;
  /** Where it may be beside the folders in PATH; may hold `*`. */
  readonly folders: readonly string[];
}

export const TEST_PROGRAMS: readonly SystemProgram[] = [
  {
    name: 'PostgreSQL',
    neededFor: 'the storage suite on PostgreSQL',
    debianPackage: 'postgresql',
    executable: 'initdb',
    folders: ['/usr/lib/postgresql/*/bin', '/opt/homebrew/opt/postgresql*/bin', '/usr/local/opt/postgresql*/bin'],
  },
  {
    name: 'bubblewrap',
    neededFor: 'the outer boundary around plugins',
    debianPackage: 'bubblewrap',
    executable: 'bwrap',
    folders: [],
  },
  {
    name: 'Python 3',
    neededFor: 'the plugin in another language',
    debianPackage: 'python3',
    executable: 'python3',
    // Where a plugin finds it: a person's own is in a home folder, which plugins do not see.
    folders: ['/usr/bin', '/usr/local/bin'],
  },
];

/** What installing needs to know and do; the machine's own unless a test says otherwise. */
export interface Machine {
  readonly find: (program: SystemProgram) => boolean;
  readonly isRoot: boolean;
  readonly hasAptGet: boolean;
  readonly aptGet: (...words: string[]) => boolean;
}

/** Installs a program that is missing where this may be done. Answers why it is still missing, or undefined. */
export function installSystemProgram(program: SystemProgram, machine: Machine = thisMachine()): string | undefined {
  if (machine.find(program)) return undefined;
  if (!machine.hasAptGet) return `${program.name} is not installed; get it from your system's packages`;
  const command = `apt-get install ${program.debianPackage}`;
  if (!machine.isRoot) return `${program.name} is not installed, and only root may: sudo ${command}`;

  const install = (): boolean => machine.aptGet('install', '--yes', '--no-install-recommends', program.debianPackage);
  // A fresh container has no package lists.
  const isInstalled = install() || (machine.aptGet('update') && install());
  if (!isInstalled) return `${program.name} is not installed, and this failed: ${command}`;
  return machine.find(program) ? undefined : `${program.debianPackage} is installed but has no ${program.executable}`;
}

function thisMachine(): Machine {
  return {
    find: ({ executable, folders }) =>
      [...(process.env.PATH ?? '').split(delimiter), ...folders.flatMap((folder) => globSync(folder))].some((folder) =>
        existsSync(join(folder, executable)),
      ),
    isRoot: process.getuid?.() === 0,
    hasAptGet: existsSync('/usr/bin/apt-get'),
    aptGet: (...words) =>
      spawnSync('apt-get', ['-q', ...words], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status === 0,
  };
}
