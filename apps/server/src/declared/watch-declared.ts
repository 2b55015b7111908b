import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../config/parse-server-config.ts';
import { type ApplyParts, applyDeclared } from './apply-declared.ts';
import type { ParsedDeclaration } from './parse-declared.ts';

export interface WatchParts extends ApplyParts {
  readonly path: string;
  readonly log: {
    info(fields: Readonly<Record<string, unknown>>, message: string): void;
    error(fields: Readonly<Record<string, unknown>>, message: string): void;
  };
}

/** Editors replace a file in several steps; a look every two seconds sees it whole. */
const LOOK_EVERY_MS = 2_000;

/** The declaration there is now; `undefined` when there is no file. What reads YAML is loaded when there is one. */
export async function readDeclared(path: string): Promise<ParsedDeclaration | undefined> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
  const { parseDeclared } = await import('./parse-declared.ts');
  return parseDeclared(text);
}

/** Rejects with a ConfigError that has every fault of the file. */
export async function checkDeclared(path: string): Promise<void> {
  const declared = await readDeclared(path);
  if (declared?.type === 'faulty') throw new ConfigError(declared.faults);
}

export interface DeclaredWatch {
  /** Applies the file as it is now; a fault is logged, and what was in force stays. */
  applyAgain(): Promise<void>;
  /** Lets what is being applied finish, and looks no more. */
  stop(): Promise<void>;
}

/** Applies the file now and whenever it changes; a faulty one changes nothing. Rejects when it cannot be applied now. */
export async function watchDeclared(parts: WatchParts): Promise<DeclaredWatch> {
  const { path, log } = parts;
  let running: Promise<void> = Promise.resolve();
  const apply = async (): Promise<void> => {
    const declared = await readDeclared(path);
    if (declared === undefined) return;
    if (declared.type === 'faulty') {
      log.error({ faults: declared.faults }, 'proxycast.yaml is wrong; what was in force stays');
      return;
    }
    const changed = await applyDeclared(declared.config, parts);
    if (changed.length > 0) log.info({ changed }, 'proxycast.yaml was applied');
  };
  // Noted before it is read: what changes meanwhile is seen at the next look.
  let seen = stampOf(path);
  await apply();
  const applyAgain = (): Promise<void> => {
    running = running
      .then(apply)
      .catch((cause: unknown) => log.error({ err: cause }, 'proxycast.yaml was not applied'));
    return running;
  };
  const timer = setInterval(() => {
    const stamp = stampOf(path);
    if (stamp === seen) return;
    seen = stamp;
    void applyAgain();
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    applyAgain,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Tells one state of the file from another; empty where there is none. */
function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
}
