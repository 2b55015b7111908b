import { parseArgs } from 'node:util';
import type { AdminClient } from './admin-client.ts';
import { CliError } from './cli-error.ts';
import type { Command, CommandContext } from './command.ts';
import { COMMANDS } from './command-list.ts';
import { isWordKey, type Words } from './words.ts';

export interface CliWorld {
  readonly words: Words;
  readonly admin: AdminClient;
  readonly readStdin: () => Promise<string>;
  readonly runServer: (args: readonly string[]) => Promise<number>;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
  /** Whether a person watches, so that progress is worth a line. */
  readonly isWatched: boolean;
}

/** Runs one command line; answers the exit code. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  const isJson = args.includes('--json');
  try {
    const found = findCommand(args);
    if (found === undefined) return showHelp(args, world);
    const { command, rest } = found;
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      for (const line of renderHelp(command, world.words)) world.out(line);
      return 0;
    }
    const context: CommandContext = {
      positionals,
      options: values,
      admin: world.admin,
      words: world.words,
      readStdin: world.readStdin,
      runServer: world.runServer,
      progress: (text) => {
        if (world.isWatched && !isJson) world.error(text);
      },
    };
    const result = await command.run(context);
    if (isJson && result.json !== undefined) world.out(JSON.stringify(result.json, null, 2));
    else if (!isJson) for (const line of result.lines) world.out(line);
    return result.exitCode ?? 0;
  } catch (cause) {
    return showError(cause, isJson, world);
  }
}

function findCommand(
  args: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ');
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: args.slice(length) };
  }
  return undefined;
}

function parse(command: Command, args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...command.options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    const options: Record<string, string | boolean | undefined> = {};
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string' || typeof value === 'boolean') options[name] = value;
    }
    return { values: options, positionals };
  } catch (cause) {
    throw new CliError('usage', cause instanceof Error ? cause.message : String(cause), 2);
  }
}

function showHelp(args: readonly string[], { words, out, error }: CliWorld): number {
  const [first] = args;
  const isAsked = first === undefined || first === '--help' || first === '-h' || first === 'help';
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (!isAsked && group.length === 0) {
    const guess = COMMANDS.find(({ name }) => distance(name.split(' ')[0] ?? '', first) <= 2)?.name;
    error(
      guess === undefined ? words('unknown_command', { name: first }) : words('did_you_mean', { name: first, guess }),
    );
    return 2;
  }
  const shown = isAsked ? COMMANDS : group;
  const width = Math.max(...shown.map(({ name, usage = '' }) => name.length + usage.length + 1));
  out(words('usage'));
  out('');
  out(`${words('commands')}:`);
  for (const { name, usage = '', summary } of shown) {
    out(`  ${`${name} ${usage}`.padEnd(width)}  ${isWordKey(summary) ? words(summary) : summary}`);
  }
  out('');
  out(words('help_hint'));
  return 0;
}

function renderHelp(command: Command, words: Words): readonly string[] {
  const { name, usage = '', summary, options = {} } = command;
  const names = [...Object.keys(options), 'json', 'help'];
  const width = Math.max(...names.map(({ length }) => length)) + 2;
  return [
    `proxycast ${name} ${usage}`.trimEnd(),
    isWordKey(summary) ? words(summary) : summary,
    '',
    `${words('options')}:`,
    ...names.map((option) => {
      const key = `option_${option.replaceAll('-', '_')}`;
      return `  --${option.padEnd(width)}${isWordKey(key) ? words(key) : ''}`.trimEnd();
    }),
  ];
}

function showError(cause: unknown, isJson: boolean, { out, error }: CliWorld): number {
  const code = cause instanceof CliError ? cause.code : 'failed';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (isJson) out(JSON.stringify({ error: { code, message } }, null, 2));
  else error(message);
  return cause instanceof CliError ? cause.exitCode : 1;
}

/** Levenshtein's, for words of a few letters. */
function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1;
      current[column] = Math.min(
        (current[column - 1] ?? 0) + 1,
        (previous[column] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      );
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
