import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** The message of the error when time is up. */
  readonly failure: string;
}

/** Asks until there is an answer. */
export async function pollUntil<Answer>(
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  { intervalMs, timeoutMs, failure }: PollOptions,
): Promise<Answer> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endsAt) throw new Error(failure);
    await sleep(intervalMs);
  }
}
