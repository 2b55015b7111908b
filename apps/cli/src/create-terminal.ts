import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

export interface TerminalParts {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly words: Words;
}

export function createTerminal({ input, output, words }: TerminalParts): Terminal {
  const ask = (question: string, isHidden: boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      // Readline echoes what is typed into its output: a hidden answer goes to one that keeps nothing.
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input, output: isHidden ? silent : output, terminal: true, historySize: 0 });
      let answer: string | undefined;
      if (isHidden) output.write(question);
      lines.question(question, (line) => {
        answer = line;
        lines.close();
      });
      // Ctrl-C, and Ctrl-D on an empty line, close it too.
      lines.once('close', () => {
        if (isHidden || answer === undefined) output.write('\n');
        if (answer === undefined) reject(new CliError('cancelled', words('cancelled'), 130));
        else resolve(answer);
      });
    });
  return {
    say: (line) => output.write(`${line}\n`),
    ask: (question) => ask(question, false),
    askHidden: (question) => ask(question, true),
  };
}
