import type { JobResult } from '../load/job.ts';
import type { Target } from '../targets/target.ts';
import type { Bench } from './cell.ts';
import { createJob, isConverted, type Work } from './create-job.ts';

const IDLE_MS = 10_000;
/** A gateway may leave white space or a field out of what it forwards, but not the conversation. */
const FORWARDED_SHARE = 0.95;
/** The same in a dialect that says it shorter, as OpenAI's does; `explainLostParts` looks closer, but not at every request. */
const CONVERTED_SHARE = 0.75;

/** Lets the target do the work once. Throws when anything of it was not done, on either side. */
export async function runWork({ upstream, load }: Bench, target: Target, work: Work): Promise<JobResult> {
  const { requests, request, answer } = work;
  await upstream.setAnswer(answer);
  try {
    const result = await load.run(createJob(target, work));
    const calls = await upstream.waitUntilIdle(IDLE_MS);
    if (calls.total < requests) throw new Error(`the upstream saw ${calls.total} of ${requests} requests`);
    const share = isConverted(target, request) ? CONVERTED_SHARE : FORWARDED_SHARE;
    if (calls.requestBytes < requests * request.bytes * share) {
      throw new Error(`the upstream saw ${calls.requestBytes} bytes of ${requests} requests of ${request.bytes}`);
    }
    return result;
  } catch (cause) {
    throw new Error(`${target.name}: ${cause instanceof Error ? cause.message : 'failed'}`, { cause });
  }
}
