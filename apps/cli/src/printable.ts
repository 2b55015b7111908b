/**
 * Control characters, and those that turn the direction of what follows: with them a manifest could overwrite on the terminal
 * what a person is asked to consent to. Line breaks are not among them.
 */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from elsewhere as it may be shown; its line breaks stay. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => (character === '\n' || character === '\t' ? character : '\ufffd'));
}

/** The same in one line, whatever it holds. */
export function printableLine(text: string): string {
  return printable(text.replace(/[\r\n\u2028\u2029]+/g, ' '));
}
