import type { PlannedProvider } from '@proxycast/routing';
import { GatewayError } from '@proxycast/spec';
import { codecOf } from '../conversion/attempt-dialects.ts';
import type { Exchange } from '../exchange.ts';
import type { LocalAnswer } from '../upstream/local-attempt.ts';
import type { ClientRequest } from './read-request.ts';

/** Name, value: what tells a client that nobody counted. */
export const ESTIMATED_HEADERS: readonly string[] = ['x-proxycast-estimated', 'true'];

/** The answer to a request to count tokens whose upstream cannot count them. */
export async function estimateTokens(
  exchange: Exchange,
  request: ClientRequest,
  planned: PlannedProvider,
): Promise<LocalAnswer> {
  const { protocol, parts, match } = exchange;
  if (parts.estimateTokens === undefined) {
    throw new GatewayError({
      code: 'token_estimates_off',
      kind: 'unavailable',
      message: `The provider ${planned.provider.id} cannot count tokens, and nothing here estimates them.`,
    });
  }
  const count = await parts.estimateTokens({
    body: request.body.chunks,
    client: protocol.id,
    decoding: {
      isStream: false,
      isTokenCount: true,
      ...(match.endpoint.model === 'path' ? { pathModel: request.model } : {}),
    },
    model: planned.model,
  });
  return {
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(JSON.stringify(codecOf(protocol).encodeTokenCount(count))),
  };
}
