import { fork } from 'node:child_process';
import type { CallerAnswer, CallerCommand, CallerSetUp } from './caller-messages.ts';

/** A process of callers. */
export interface Caller {
  /** Commands may overlap; each gets the answer of its kind. */
  refresh(command: {
    readonly id: string;
    readonly seenVersion: number;
    readonly callers: number;
  }): Promise<Readonly<Record<string, number>>>;
  adopt(id: string): Promise<string>;
  /** Settles when it has come to where it was to stop. */
  readonly stopped: Promise<void>;
  /** At once, as by the system. */
  kill(): Promise<void>;
}

const PROGRAM = new URL('caller-program.ts', import.meta.url);

export async function startCaller(setUp: Omit<CallerSetUp, 'type'>): Promise<Caller> {
  const child = fork(PROGRAM, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const waiting: {
    readonly type: CallerAnswer['type'];
    readonly resolve: (answer: CallerAnswer) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.once('exit', () => fail(new Error('The process of callers has ended.')));
  child.on('message', (message) => {
    const answer: CallerAnswer = JSON.parse(String(message));
    if (answer.type === 'failed') return fail(new Error(answer.message));
    const index = waiting.findIndex(({ type }) => type === answer.type);
    waiting.splice(index, 1)[0]?.resolve(answer);
  });
  const answerOf = <Type extends CallerAnswer['type']>(type: Type) =>
    new Promise<Extract<CallerAnswer, { readonly type: Type }>>((resolve, reject) => {
      const isOurs = (answer: CallerAnswer): answer is Extract<CallerAnswer, { readonly type: Type }> =>
        answer.type === type;
      waiting.push({
        type,
        reject,
        resolve: (answer) => (isOurs(answer) ? resolve(answer) : reject(new Error('Odd.'))),
      });
    });
  const send = (command: CallerCommand): void => void child.send(JSON.stringify(command));
  const opened = answerOf('opened');
  send({ type: 'open', ...setUp });
  await opened;
  const stopped = answerOf('stopped').then(() => {});
  // Most never stop, and end unheard.
  stopped.catch(() => {});
  return {
    stopped,
    async refresh(command) {
      const answer = answerOf('refreshed');
      send({ type: 'refresh', ...command });
      return (await answer).outcomes;
    },
    async adopt(id) {
      const answer = answerOf('adopted');
      send({ type: 'adopt', id });
      return (await answer).verdict;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
