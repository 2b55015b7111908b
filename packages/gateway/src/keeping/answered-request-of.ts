import type { ChatRequest } from '@proxycast/spec';
import type { Exchange } from '../exchange.ts';

/** The request as its answer repeats it: with what was taken out because it is honoured here. */
export function answeredRequestOf(exchange: Exchange, request: ChatRequest, isKept: boolean): ChatRequest {
  const { previousId, kept } = exchange;
  if (exchange.protocol.keeping === undefined) return request;
  return {
    ...request,
    // What is remembered for a socket only is not stored.
    store: isKept && exchange.snapshot.settings.keepsResponses && request.store !== false,
    ...(previousId === undefined ? {} : { previousResponseId: previousId }),
    ...(kept?.isBackground === true ? { background: true } : {}),
  };
}
