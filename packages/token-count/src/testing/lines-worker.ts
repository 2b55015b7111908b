// A thread as the server starts it, with one dialect: `{ lines: [] }`, each line a user turn.

import { parentPort } from 'node:worker_threads';
import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import { runTokenCountWorker } from '../run-token-count-worker.ts';

function decodeRequest(body: unknown): ChatRequest {
  const lines: unknown = typeof body === 'object' && body !== null && 'lines' in body ? body.lines : undefined;
  if (lines === 'leave') process.exit(7);
  if (lines === 'throw') throw new RangeError('a mistake of a codec');
  if (!Array.isArray(lines)) throw new InvalidRequestError({ message: 'lines must be a list.', field: 'lines' });
  return {
    protocol: 'lines',
    model: '',
    stream: false,
    turns: lines.map((line) => ({ role: 'user', blocks: [{ type: 'text', text: String(line) }] })),
    tools: [],
  };
}

if (parentPort !== null) runTokenCountWorker(parentPort, [{ id: 'lines', codec: { decodeRequest } }]);
