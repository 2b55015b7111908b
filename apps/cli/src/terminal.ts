/** A person who can be asked. What is said and asked goes to standard error, so that `--json` stays alone on the other. */
export interface Terminal {
  readonly say: (line: string) => void;
  /** Throws a CliError when the person leaves instead. */
  readonly ask: (question: string) => Promise<string>;
  /** The same, with nothing of the answer shown. */
  readonly askHidden: (question: string) => Promise<string>;
}
