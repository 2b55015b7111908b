import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { AdminClient } from './admin-client.ts';
import { CliError } from './cli-error.ts';
import type { Command, CommandContext } from './command.ts';
import { COMMANDS } from './command-list.ts';
import type { Files } from './files.ts';
import { printable, printableLine } from './printable.ts';
import type { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import type { Translate } from './translate.ts';
import { isWordKey, type Words } from './words.ts';

export interface CliWorld {
  readonly version: string;
  readonly words: Words;
  readonly admin: AdminClient;
  readonly readStdin: () => Promise<string>;
  readonly files: Files;
  readonly terminal: Terminal | undefined;
  readonly translate: Translate;
  readonly runServer: () => Promise<number>;
  readonly askServer: (args: readonly string[]) => Promise<unknown>;
  readonly progress: Progress;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

/** Runs one command line; answers the exit code. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  const isJson = args.includes('--json');
  try {
    if (args[0] === '--version') {
      world.out(isJson ? JSON.stringify({ version: world.version }) : world.version);
      return 0;
    }
    const found = findCommand(args);
    if (found === undefined) return showHelp(args, world);
    const { command, rest } = found;
    const { values, lists, positionals } = parse(command, rest, world.words);
    if (values['help'] === true) {
      for (const line of renderHelp(command, world.words)) world.out(line);
      return 0;
    }
    checkPositionals(command, positionals, world.words);
    const context: CommandContext = {
      positionals,
      options: values,
      lists,
      admin: world.admin,
      words: world.words,
      readStdin: world.readStdin,
      files: world.files,
      terminal: world.terminal,
      translate: world.translate,
      runServer: world.runServer,
      askServer: world.askServer,
      progress: (text) => {
        if (!isJson) world.progress.start(text);
      },
    };
    const result = await command.run(context);
    world.progress.stop();
    if (isJson && result.json !== undefined) world.out(JSON.stringify(result.json, null, 2));
    else if (!isJson) for (const line of result.lines) world.out(printableLine(line));
    return result.exitCode ?? 0;
  } catch (cause) {
    world.progress.stop();
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

function parse(command: Command, args: readonly string[], words: Words) {
  try {
    const known: NonNullable<ParseArgsConfig['options']> = {
      ...command.options,
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    };
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: known });
    const options: Record<string, string | boolean | undefined> = {};
    const lists: Record<string, readonly string[]> = {};
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string' || typeof value === 'boolean') options[name] = value;
      else if (Array.isArray(value)) lists[name] = value.map(String);
    }
    return { values: options, lists, positionals };
  } catch (cause) {
    throw explainUsage(cause, command, words);
  }
}

/** Node's own sentence on wrong options is English and long. */
function explainUsage(cause: unknown, { name }: Command, words: Words): CliError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const option = /'(?:-\w, )?(--?[\w-]+)/.exec(message)?.[1] ?? '';
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    return new CliError('usage', words('unknown_option', { option, name }), 2);
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return new CliError('usage', words('option_value', { option, name }), 2);
  return new CliError('usage', message, 2);
}

function checkPositionals({ name, usage = '' }: Command, given: readonly string[], words: Words): void {
  const taken = usage === '' ? [] : usage.split(' ');
  const extra = given[taken.length];
  if (extra !== undefined) throw new CliError('usage', words('unexpected_argument', { name, extra }), 2);
  if (taken.slice(given.length).some((word) => word.startsWith('<')))
    throw new CliError('missing_argument', words('missing_argument', { name, usage }), 2);
}

function showHelp(args: readonly string[], { words, out, error }: CliWorld): number {
  const [first, second] = args;
  const isAsked = first === undefined || first === '--help' || first === '-h' || first === 'help';
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  const isGroup = group.length > 0 && (second === undefined || second.startsWith('-'));
  if (!isAsked && !isGroup) {
    // The first word may be right, and then the second is looked for among those of its group.
    const given = group.length === 0 ? first : `${first} ${second}`;
    const known = group.length === 0 ? COMMANDS : group;
    const nearness = ({ name }: Command): number =>
      distance(group.length === 0 ? (name.split(' ')[0] ?? '') : name, given);
    const guess = known.toSorted((left, right) => nearness(left) - nearness(right))[0];
    error(
      guess === undefined || nearness(guess) > 2
        ? words('unknown_command', { name: given })
        : words('did_you_mean', { name: given, guess: guess.name }),
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
      // An option may mean something of its own in a command.
      const keys = [`${name} ${option}`, option].map((one) => `option_${one.replaceAll(/[ -]/g, '_')}`);
      const key = keys.find(isWordKey);
      return `  --${option.padEnd(width)}${key === undefined ? '' : words(key)}`.trimEnd();
    }),
  ];
}

function showError(cause: unknown, isJson: boolean, { out, error, translate }: CliWorld): number {
  const code = cause instanceof CliError ? cause.code : 'failed';
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = isJson ? said : translate.fault(code, said);
  if (isJson) out(JSON.stringify({ error: { code, message } }, null, 2));
  else error(printable(message));
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
