import { CliError } from '../cli-error.ts';
import type { Command } from '../command.ts';

/** Completions of the commands and their options for a shell. `commands` is asked when it runs: this command is one of them. */
export function createCompletion(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: '<bash|zsh|fish>',
    summary: 'summary_completion',
    async run({ positionals, words }) {
      const script = renderCompletion(positionals[0] ?? '', commands());
      if (script === undefined) throw new CliError('unknown_shell', words('unknown_shell'));
      return { lines: script.split('\n'), json: { script } };
    },
  };
}

function renderCompletion(shell: string, commands: readonly Command[]): string | undefined {
  const first = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const second = new Map<string, string[]>();
  for (const { name } of commands) {
    const [head = '', tail] = name.split(' ');
    if (tail !== undefined) second.set(head, [...(second.get(head) ?? []), tail]);
  }
  const optionsOf = ({ options = {} }: Command): readonly string[] =>
    [...Object.keys(options), 'json', 'help'].map((name) => `--${name}`);
  switch (shell) {
    case 'bash':
    case 'zsh': {
      const cases = commands.map((command) => `    "${command.name}"*) words="${optionsOf(command).join(' ')}" ;;`);
      const groups = [...second].map(([head, tails]) => `    "${head}") words="${tails.join(' ')}" ;;`);
      return [
        ...(shell === 'zsh'
          ? ['autoload -U +X compinit && compinit', 'autoload -U +X bashcompinit && bashcompinit']
          : []),
        '_proxycast() {',
        // The shell's own `${…}`: not a placeholder of ours.
        `  local current="$\{COMP_WORDS[COMP_CWORD]}" line="$\{COMP_WORDS[*]:1:COMP_CWORD-1}" words`,
        '  case "$line" in',
        `    "") words="${first.join(' ')}" ;;`,
        ...groups,
        ...cases,
        '  esac',
        '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
        '}',
        'complete -o default -F _proxycast proxycast',
      ].join('\n');
    }
    case 'fish':
      return [
        `complete -c proxycast -f -n __fish_use_subcommand -a "${first.join(' ')}"`,
        ...[...second].map(
          ([head, tails]) =>
            `complete -c proxycast -f -n "__fish_seen_subcommand_from ${head}" -a "${tails.join(' ')}"`,
        ),
        ...commands.flatMap((command) => {
          // Several groups have a "list": both words have to be there.
          const seen = command.name
            .split(' ')
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join('; and ');
          return optionsOf(command).map((option) => `complete -c proxycast -n "${seen}" -l ${option.slice(2)}`);
        }),
      ].join('\n');
    default:
      return undefined;
  }
}
