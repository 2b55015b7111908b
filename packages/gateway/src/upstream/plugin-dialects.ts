import { type CallReading, GatewayError } from '@proxycast/spec';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import { isStreamAsked, type Outgoing } from './outgoing.ts';

/**
 * The dialects of an attempt whose answer is read as its provider says: the answer may be in another dialect than the request,
 * or in one that only the provider knows.
 */
export function dialectsOfReading(outgoing: Outgoing, reading: CallReading): AttemptDialects {
  const { exchange, dialects } = outgoing;
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
  return { ...dialects, upstream, convertsAnswer: !isSame || framesOtherwise(outgoing) };
}

/** The client's query asks for another framing than the provider, which was not told of it, can be relied on to use. */
function framesOtherwise(outgoing: Outgoing): boolean {
  const { client, output } = outgoing.dialects;
  if (output !== client || !isStreamAsked(outgoing)) return false;
  return client.codec?.streamFraming?.(new URLSearchParams(outgoing.exchange.query)) === 'json-array';
}
