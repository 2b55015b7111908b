import type { AdminClient } from '../admin-client.ts';
import { CliError } from '../cli-error.ts';
import { runCli } from '../run-cli.ts';
import { createTranslate } from '../translate.ts';
import { createWords } from '../words.ts';

export interface CliWorldOptions {
  /** What a person types at the questions, in turn; absent: nobody can be asked. */
  readonly typed?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A command line before an admin API that answers from a table, `GET /providers` and the like, or `server doctor` for what the
 * server's program does; an Error is thrown. What is not in it answers `{}`.
 */
export function cliWorld(
  answers: Readonly<Record<string, unknown>> = {},
  stdin = '',
  environment: Readonly<Record<string, string>> = { LANG: 'en_US.UTF-8' },
  { typed, files = {} }: CliWorldOptions = {},
) {
  const out: string[] = [];
  const errors: string[] = [];
  const calls: string[] = [];
  const server: (readonly string[])[] = [];
  const progress: string[] = [];
  /** What was shown to the person at the terminal, and asked. */
  const said: string[] = [];
  const waiting = [...(typed ?? [])];
  const answerNext = (how: string) => async (question: string) => {
    said.push(`${how}: ${question}`);
    const answer = waiting.shift();
    if (answer === undefined) throw new CliError('cancelled', 'Cancelled.', 130);
    return answer;
  };
  const call =
    (method: string) =>
    async (path: string, body?: unknown): Promise<unknown> => {
      calls.push(`${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`);
      const answer = answers[`${method} ${path}`];
      if (answer instanceof Error) throw answer;
      return answer ?? {};
    };
  const admin: AdminClient = {
    get: call('GET'),
    post: call('POST'),
    patch: call('PATCH'),
    put: call('PUT'),
    delete: call('DELETE'),
  };
  const run = (...args: readonly string[]) =>
    runCli(args, {
      version: '1.2.3',
      words: createWords(environment),
      admin,
      readStdin: async () => stdin,
      files: {
        read: async (path) => {
          const text = files[path];
          if (text === undefined) throw new Error(`There is no file ${path}.`);
          return text;
        },
        resolve: (path) => `/here/${path}`,
      },
      terminal:
        typed === undefined
          ? undefined
          : { say: (line) => said.push(line), ask: answerNext('asked'), askHidden: answerNext('hidden') },
      translate: createTranslate(environment),
      runServer: async () => {
        server.push([]);
        return 3;
      },
      askServer: async (serverArgs) => {
        server.push(serverArgs);
        const answer = answers[`server ${serverArgs[0]}`];
        if (answer instanceof Error) throw answer;
        return answer ?? {};
      },
      progress: { start: (text) => progress.push(text), stop: () => undefined },
      out: (line) => out.push(line),
      error: (line) => errors.push(line),
    });
  return { run, out, errors, calls, server, progress, said };
}
