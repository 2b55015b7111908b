import type { ParseArgsConfig } from 'node:util';
import type { AdminClient } from './admin-client.ts';
import type { Files } from './files.ts';
import type { Terminal } from './terminal.ts';
import type { Translate } from './translate.ts';
import type { Words } from './words.ts';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What was given to options that may be given more than once. */
export type OptionLists = Readonly<Record<string, readonly string[]>>;

/** What a command is given; it writes nothing by itself. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly lists: OptionLists;
  readonly admin: AdminClient;
  readonly words: Words;
  readonly readStdin: () => Promise<string>;
  readonly files: Files;
  /** The person at the terminal; `undefined` where nobody can be asked. */
  readonly terminal: Terminal | undefined;
  readonly translate: Translate;
  /** Hands the terminal over to the server; answers its exit code. */
  readonly runServer: () => Promise<number>;
  /** Has the server's program do something on its files while it is stopped; throws a CliError when it refuses. */
  readonly askServer: (args: readonly string[]) => Promise<unknown>;
  /** Says that something is going on, where a person is watching. */
  readonly progress: (text: string) => void;
}

/** What is shown: lines for people, and the same as JSON for programs. */
export interface CommandResult {
  readonly lines: readonly string[];
  readonly json: unknown;
  readonly exitCode?: number;
}

export interface Command {
  /** Words after `proxycast`, for example `provider add`. */
  readonly name: string;
  /** Positional arguments, one a word: `<plugin> <id>`, in brackets where the command goes without. */
  readonly usage?: string;
  /** Key of its sentence in the catalogue of words. */
  readonly summary: string;
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(context: CommandContext): Promise<CommandResult>;
}
