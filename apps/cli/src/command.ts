import type { ParseArgsConfig } from 'node:util';
import type { AdminClient } from './admin-client.ts';
import type { Translate } from './translate.ts';
import type { Words } from './words.ts';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is given; it writes nothing by itself. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly admin: AdminClient;
  readonly words: Words;
  readonly readStdin: () => Promise<string>;
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
  /** Of positional arguments, for example `<id>`. */
  readonly usage?: string;
  /** The command goes without its argument too. */
  readonly isUsageOptional?: boolean;
  /** Key of its sentence in the catalogue of words. */
  readonly summary: string;
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(context: CommandContext): Promise<CommandResult>;
}
