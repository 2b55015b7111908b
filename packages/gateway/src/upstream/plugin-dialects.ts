import { type CallReading, GatewayError } from '@proxycast/spec';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import type { Exchange } from '../exchange.ts';

/**
 * The dialects of an attempt whose answer is read as its provider says: the answer may be in another dialect than the request,
 * or in one that only the provider knows.
 */
export function dialectsOfReading(
  exchange: Exchange,
  dialects: AttemptDialects,
  reading: CallReading,
): AttemptDialects {
  if (reading.type === 'foreign') return { ...dialects, convertsAnswer: true };
  const { output } = dialects;
  const upstream =
    reading.protocol === dialects.upstream.id ? dialects.upstream : exchange.findProtocol(reading.protocol);
  if (upstream === undefined) {
    throw new GatewayError({
      code: 'protocol_unknown',
      kind: 'internal',
      message: `The answer would be in the dialect ${reading.protocol}, which is not registered.`,
    });
  }
  const isSame = upstream.base === output.base;
  return { ...dialects, upstream, convertsAnswer: !isSame || framesOtherwise(exchange, dialects) };
}

/** The client's query asks for another framing than the provider, which was not told of it, can be relied on to use. */
function framesOtherwise({ query }: Exchange, { client, output }: AttemptDialects): boolean {
  if (output !== client) return false;
  return client.codec?.streamFraming?.(new URLSearchParams(query)) === 'json-array';
}
