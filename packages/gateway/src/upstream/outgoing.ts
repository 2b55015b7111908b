import type { PlannedProvider } from '@proxycast/routing';
import type { Credential, HttpTransport, PluginTransport, UpstreamCallInput } from '@proxycast/spec';
import { ChunkedBytes } from '@proxycast/wire';
import type { AttemptDialects } from '../conversion/attempt-dialects.ts';
import type { ConvertedRequest } from '../conversion/convert-request.ts';
import type { Exchange } from '../exchange.ts';
import { replaceModel } from '../replace-model.ts';
import type { ClientRequest } from '../stages/read-request.ts';

/** A request on its way out: who is asked, with which credential, and in which dialect. */
export interface Outgoing {
  readonly exchange: Exchange;
  readonly request: ClientRequest;
  readonly planned: PlannedProvider;
  readonly transport: HttpTransport | PluginTransport;
  readonly credential: Credential;
  readonly dialects: AttemptDialects;
  /** Absent where nothing of the request or its answer is looked at. */
  readonly converted: ConvertedRequest | undefined;
}

export const isStreamAsked = ({ request, converted }: Outgoing): boolean =>
  converted?.request.stream ?? request.isStream;

export const isOwnDialect = ({ dialects: { client, upstream } }: Outgoing): boolean => client.base === upstream.base;

/** What the provider is told of the call it has to prepare. */
export function callInputOf(outgoing: Outgoing): UpstreamCallInput {
  const { exchange, planned, dialects, credential } = outgoing;
  const { endpoint, parameter } = exchange.match;
  const isStream = isStreamAsked(outgoing);
  return {
    operation: endpoint.operation,
    protocol: planned.protocol,
    model: planned.model,
    isStream,
    ...(endpoint.model === 'none' && parameter !== undefined ? { resourceId: parameter } : {}),
    query: isOwnDialect(outgoing) ? exchange.query : isStream ? (dialects.upstream.codec?.streamQuery ?? '') : '',
    credential,
  };
}

/** The request in the provider's dialect, asking for its model. */
export function ownBody({ request, planned, dialects, converted }: Outgoing): ChunkedBytes {
  if (converted !== undefined && dialects.convertsRequest) {
    const { buffer, byteOffset, byteLength } = converted.body;
    return new ChunkedBytes([Buffer.from(buffer, byteOffset, byteLength)]);
  }
  return planned.model === request.model ? request.body : replaceModel(request, planned.model);
}
