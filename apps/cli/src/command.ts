import type { ParseArgsConfig } from 'node:util';
import type { AdminClient } from './admin-client.ts';
import type { Words } from './words.ts';

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is given; it writes nothing by itself. */
export interface CommandContext {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly admin: AdminClient;
  readonly words: Words;
  readonly readStdin: () => Promise<string>;
  /** Hands over to the server's program with these arguments; answers its exit code. */
  readonly runServer: (args: readonly string[]) => Promise<number>;
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
  /** Key of its sentence in the catalogue of words. */
  readonly summary: string;
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(context: CommandContext): Promise<CommandResult>;
}
