import { CliError } from './cli-error.ts';
import type { Words } from './words.ts';

/** `name=value`, where the value may be empty or hold more of `=`. The message of the CliError repeats no value. */
export function parseAssignment(
  given: string,
  option: string,
  words: Words,
): { readonly name: string; readonly value: string } {
  const at = given.indexOf('=');
  if (at < 1) throw new CliError('usage', words('not_an_assignment', { option }), 2);
  return { name: given.slice(0, at), value: given.slice(at + 1) };
}
