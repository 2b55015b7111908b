import { codecOf } from '../conversion/attempt-dialects.ts';
import type { Exchange } from '../exchange.ts';
import { answeredRequestOf } from './answered-request-of.ts';
import { recordOfFinished } from './kept-record.ts';
import type { RecalledRequest } from './recall.ts';

/**
 * Answers a request that wants nothing said yet: an answer without items, from which the next request goes on. No upstream
 * is asked.
 */
export function warmUp(exchange: Exchange, { request, providers }: RecalledRequest): void {
  const { kept, response, protocol, requestId } = exchange;
  const [planned] = providers;
  if (kept === undefined || planned === undefined) return;
  const codec = codecOf(protocol);
  const body: unknown = JSON.parse(request.body.joined().toString('utf8'));
  const decoded = codec.decodeRequest(body, { isStream: true });
  const encoder = codec.createStreamEncoder({
    framing: 'sse',
    request: answeredRequestOf(exchange, { ...decoded, turns: [] }, true),
    nowMs: exchange.parts.now(),
    kept: {
      id: kept.id,
      finished: (answer) => kept.save(recordOfFinished(exchange, kept, { planned, credential: undefined }, answer)),
    },
  });
  const text = encoder.push([
    { type: 'message-start', id: requestId, model: request.model },
    { type: 'usage', usage: { input: 0, output: 0 } },
    { type: 'message-end', reason: 'end' },
  ]);
  response.writeHead(200, ['x-request-id', requestId, 'content-type', 'text/event-stream; charset=utf-8']);
  response.end(text + encoder.end());
}
