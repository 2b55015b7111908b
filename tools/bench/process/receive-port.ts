import { z } from 'zod';
import type { RunProcess } from './create-run-environment.ts';
import { receiveMessage } from './receive-message.ts';

const START_MS = 10_000;
const listeningSchema = z.object({ port: z.int() });

/** Where a forked server listens. */
export async function receivePort(started: RunProcess): Promise<number> {
  return listeningSchema.parse(await receiveMessage(started, START_MS)).port;
}
