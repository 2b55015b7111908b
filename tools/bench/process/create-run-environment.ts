import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, listProcessTree } from './list-process-tree.ts';

/** A process of this run. */
export interface RunProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** All it has written. */
  readonly output: () => string;
  /** Asks it to end, and makes it end when it does not within two seconds. */
  readonly stop: () => Promise<void>;
}

/** Starts the processes and makes the folders of one run, and leaves nothing of them behind. */
export interface RunEnvironment {
  readonly makeFolder: () => string;
  readonly start: (
    command: string,
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => RunProcess;
  /** One of our own programs, which ends when this process does. */
  readonly forkProgram: (path: string, words: readonly string[]) => RunProcess;
  readonly dispose: () => Promise<void>;
  /** The same at once and without asking, for the moment before this process ends. */
  readonly disposeNow: () => void;
}

const STOP_MS = 2000;

export function createRunEnvironment(): RunEnvironment {
  const folders = new Set<string>();
  const running = new Set<RunProcess>();
  const logs = mkdtempSync(join(tmpdir(), 'proxycast-bench-'));
  folders.add(logs);
  let started = 0;

  function track(name: string, startChild: (log: number) => ChildProcess): RunProcess {
    started += 1;
    const path = join(logs, `${started}.log`);
    // A file, since reading a pipe here would take CPU from what is being measured.
    const log = openSync(path, 'w');
    const child = startChild(log);
    closeSync(log);
    if (child.pid === undefined) throw new Error(`${name} does not start`);
    const ended = once(child, 'exit');
    ended.catch(() => {});
    const { pid } = child;
    const one: RunProcess = {
      pid,
      child,
      output: () => readFileSync(path, 'utf8'),
      async stop() {
        if (hasEnded(child)) return void running.delete(one);
        // Listed while it runs: an orphan is nobody's descendant any more.
        const tree = listProcessTree(pid);
        const timer = setTimeout(() => kill([pid]), STOP_MS);
        child.kill('SIGTERM');
        await ended;
        clearTimeout(timer);
        kill(tree.filter(isRunning));
        running.delete(one);
      },
    };
    running.add(one);
    return one;
  }

  function removeFolders(): void {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    folders.clear();
  }

  return {
    makeFolder() {
      const folder = mkdtempSync(join(tmpdir(), 'proxycast-bench-'));
      folders.add(folder);
      return folder;
    },
    start: (command, words, environment = {}) =>
      track(command, (log) =>
        spawn(command, words, { stdio: ['ignore', log, log], env: { ...process.env, ...environment } }),
      ),
    forkProgram: (path, words) =>
      track(path, (log) => fork(path, words, { stdio: ['ignore', log, log, 'ipc'], execArgv: [] })),
    async dispose() {
      await Promise.all([...running].map(({ stop }) => stop()));
      removeFolders();
    },
    disposeNow() {
      for (const { pid, child } of running) if (!hasEnded(child)) kill(listProcessTree(pid));
      running.clear();
      removeFolders();
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
