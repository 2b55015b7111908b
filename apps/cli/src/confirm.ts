import { CliError } from './cli-error.ts';
import type { CommandContext } from './command.ts';
import { printableLine } from './printable.ts';

/**
 * Shows what is about to happen and lets nothing happen without a yes: `--yes`, or the person's. Where nobody can be asked it
 * refuses. Throws a CliError.
 */
export async function confirm(
  { options, terminal, words }: Pick<CommandContext, 'options' | 'terminal' | 'words'>,
  shown: readonly string[],
  question: string,
): Promise<void> {
  const lines = shown.map(printableLine);
  if (options['yes'] === true) {
    for (const line of lines) terminal?.say(line);
    return;
  }
  if (terminal === undefined) throw new CliError('confirmation_required', [...lines, words('say_yes')].join('\n'), 2);
  for (const line of lines) terminal.say(line);
  const answer = (await terminal.ask(`${question} ${words('yes_or_no')} `)).trim().toLowerCase();
  if (!['y', 'yes', '是', '好'].includes(answer)) throw new CliError('cancelled', words('nothing_done'));
}
