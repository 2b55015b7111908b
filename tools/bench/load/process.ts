// The load generator, a process of its own. It takes one command at a time from the process that forked it.
import type { Socket } from 'node:net';
import { monotonicUs } from '../process/monotonic-us.ts';
import { type Command, commandSchema, type Reply } from './job.ts';
import { holdStreams, runJob } from './run-job.ts';

let held: readonly Socket[] = [];

async function obey(command: Command): Promise<Reply> {
  switch (command.type) {
    case 'run':
      return { type: 'done', result: await runJob(command.job) };
    case 'hold':
      held = await holdStreams(command.job);
      return { type: 'held', connections: held.length };
    case 'leave':
      return leave();
  }
}

function leave(): Reply {
  const atUs = monotonicUs();
  for (const socket of held) socket.removeAllListeners('close').destroy();
  held = [];
  return { type: 'left', atUs, tookUs: monotonicUs() - atUs };
}

function answer(reply: Reply): void {
  process.send?.(reply);
}

process.on('message', (message) => {
  obey(commandSchema.parse(message)).then(answer, (cause: unknown) =>
    answer({ type: 'failed', message: cause instanceof Error ? cause.message : 'the load generator failed' }),
  );
});
process.on('disconnect', () => process.exit());
answer({ type: 'ready' });
