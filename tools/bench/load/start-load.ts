import { join } from 'node:path';
import type { RunEnvironment } from '../process/create-run-environment.ts';
import { receiveMessage } from '../process/receive-message.ts';
import { type Command, type Job, type JobResult, type Reply, replySchema } from './job.ts';

/** The load generator. One command at a time. */
export interface Load {
  readonly run: (job: Job) => Promise<JobResult>;
  readonly hold: (job: Job) => Promise<void>;
  /** Answers when the first of those held left, of the clock of `monotonicUs`, and how long all took to. */
  readonly leave: () => Promise<{ readonly atUs: number; readonly tookUs: number }>;
}

const START_MS = 10_000;
/** For building the request and connecting, beside the job's own time. */
const MARGIN_MS = 15_000;

export async function startLoad(environment: RunEnvironment): Promise<Load> {
  const started = environment.forkProgram(join(import.meta.dirname, 'process.ts'), []);
  await receive(START_MS);

  async function receive(timeoutMs: number): Promise<Reply> {
    const reply = replySchema.parse(await receiveMessage(started, timeoutMs));
    if (reply.type === 'failed') throw new Error(reply.message);
    return reply;
  }
  function command(message: Command, timeoutMs: number): Promise<Reply> {
    started.child.send(message);
    return receive(timeoutMs);
  }

  return {
    async run(job) {
      const reply = await command({ type: 'run', job }, job.timeoutMs + MARGIN_MS);
      if (reply.type !== 'done') throw new Error(`the load generator answered ${reply.type}`);
      return reply.result;
    },
    async hold(job) {
      const reply = await command({ type: 'hold', job }, job.timeoutMs + MARGIN_MS);
      if (reply.type !== 'held') throw new Error(`the load generator answered ${reply.type}`);
    },
    async leave() {
      const reply = await command({ type: 'leave' }, MARGIN_MS);
      if (reply.type !== 'left') throw new Error(`the load generator answered ${reply.type}`);
      return { atUs: reply.atUs, tookUs: reply.tookUs };
    },
  };
}
