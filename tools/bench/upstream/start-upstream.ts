import { join } from 'node:path';
import type { RunEnvironment } from '../process/create-run-environment.ts';
import { pollUntil } from '../process/poll-until.ts';
import { receivePort } from '../process/receive-port.ts';
import { type Answer, type Calls, CONTROL_PATH, callsSchema, LAST_REQUEST_PATH } from './answer.ts';

/** The fake upstream. */
export interface Upstream {
  readonly port: number;
  readonly origin: string;
  /** Also sets the counts to zero. */
  readonly setAnswer: (answer: Answer) => Promise<void>;
  readonly readCalls: () => Promise<Calls>;
  /** The body of the last whole request, as it came. */
  readonly readLastRequest: () => Promise<Buffer>;
  /** Answers the counts once no call is open. Throws when one still is after `timeoutMs`. */
  readonly waitUntilIdle: (timeoutMs: number) => Promise<Calls>;
}

/** `port` 0 takes a free one. */
export async function startUpstream(environment: RunEnvironment, port: number): Promise<Upstream> {
  const started = environment.forkProgram(join(import.meta.dirname, 'process.ts'), [String(port)]);
  const actualPort = await receivePort(started);
  const origin = `http://127.0.0.1:${actualPort}`;
  const control = async (init: RequestInit): Promise<Calls> => {
    const response = await fetch(`${origin}${CONTROL_PATH}`, init);
    return callsSchema.parse(await response.json());
  };
  return {
    port: actualPort,
    origin,
    setAnswer: async (answer) => void (await control({ method: 'PUT', body: JSON.stringify(answer) })),
    readCalls: () => control({}),
    readLastRequest: async () => Buffer.from(await (await fetch(`${origin}${LAST_REQUEST_PATH}`)).arrayBuffer()),
    waitUntilIdle: (timeoutMs) =>
      pollUntil(
        async () => {
          const calls = await control({});
          return calls.open === 0 ? calls : undefined;
        },
        { intervalMs: 5, timeoutMs, failure: 'The upstream still has open calls.' },
      ),
  };
}
