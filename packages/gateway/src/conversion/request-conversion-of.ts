import type { PlannedProvider } from '@proxycast/routing';
import type { Exchange } from '../exchange.ts';
import type { ClientRequest } from '../stages/read-request.ts';
import type { FetchedFile, RequestConversion } from './convert-request.ts';

/** What converting a request for this provider has to know of the exchange. */
export function requestConversionOf(
  exchange: Exchange,
  request: ClientRequest,
  planned: PlannedProvider,
  /** What was fetched so far; absent where nothing is fetched. */
  media: readonly FetchedFile[] | undefined,
): RequestConversion {
  const { endpoint } = exchange.match;
  const isTokenCount = endpoint.operation === 'count-tokens';
  const maxOutputTokens = exchange.parts.maxOutputTokens?.(planned.model);
  return {
    decoding: {
      isStream: request.isStream,
      isTokenCount,
      ...(endpoint.model === 'path' ? { pathModel: request.model } : {}),
    },
    readsStream: endpoint.stream === 'body',
    encoding: {
      model: planned.model,
      origin: originOf(exchange, planned),
      isTokenCount,
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    },
    ...(media === undefined ? {} : { media }),
  };
}

/** Whose signatures and files may go there: a provider's, in the dialect it is spoken to in. */
export function originOf(exchange: Exchange, planned: PlannedProvider): string {
  return `${exchange.findProtocol(planned.protocol)?.base ?? planned.protocol}:${planned.provider.id}`;
}
