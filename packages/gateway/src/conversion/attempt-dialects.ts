import { SIGNATURE_TAG } from '@proxycast/conversion';
import type { PlannedProvider } from '@proxycast/routing';
import { GatewayError, type Operation, type Protocol, type UpstreamProtocol } from '@proxycast/spec';
import type { ChunkedBytes } from '@proxycast/wire';
import { bytesInclude } from '../bytes-include.ts';

/** In which dialects one attempt asks and answers, and where something has to be converted on the way. */
export interface AttemptDialects {
  readonly client: Protocol;
  readonly upstream: UpstreamProtocol;
  /** What the client is answered in: its own dialect unless it asked for another. */
  readonly output: Protocol;
  readonly convertsRequest: boolean;
  readonly convertsAnswer: boolean;
}

/** Looks a dialect up that upstreams speak. */
export type FindProtocol = (id: string) => UpstreamProtocol | Protocol | undefined;

/** Asked for by a header or a route: the dialect of the model behind, or one by name. */
export type OutputChoice = { readonly type: 'native' } | { readonly type: 'named'; readonly protocol: Protocol };

const CONVERTIBLE: ReadonlySet<Operation> = new Set(['chat', 'count-tokens']);

/** Up to six bytes Node looks for the first one with the processor's own search, which is what makes it cheap. */
const TAG_START = Buffer.from(SIGNATURE_TAG.slice(0, 6));
const TAG = Buffer.from(SIGNATURE_TAG);

/** The words of a variant as bytes; variants are few and live as long as the configuration. */
const wordsOf = new WeakMap<UpstreamProtocol, readonly Buffer[]>();

export function dialectsOf(parts: {
  readonly client: Protocol;
  readonly planned: PlannedProvider;
  readonly operation: Operation;
  readonly output: OutputChoice | undefined;
  readonly find: FindProtocol;
  readonly body: ChunkedBytes;
}): AttemptDialects {
  const { client, planned, operation, output: choice, find, body } = parts;
  const upstream = planned.protocol === client.id ? client : find(planned.protocol);
  if (upstream === undefined) {
    throw new GatewayError({
      code: 'protocol_unknown',
      kind: 'internal',
      message: `The provider ${planned.provider.id} speaks the dialect ${planned.protocol}, which is not registered.`,
    });
  }
  if (!CONVERTIBLE.has(operation)) {
    return { client, upstream, output: client, convertsRequest: false, convertsAnswer: false };
  }
  const isSame = upstream.base === client.base;
  const output =
    choice === undefined ? client : choice.type === 'named' ? choice.protocol : nativeOf(upstream, client, find);
  return {
    client,
    upstream,
    output,
    // A signature that came through a conversion is no other dialect's business, even where bytes would pass.
    convertsRequest:
      !isSame || hasToBeRewritten(upstream, body) || (bytesInclude(body, TAG_START) && bytesInclude(body, TAG)),
    convertsAnswer: output.base !== upstream.base,
  };
}

/** The dialect of the model behind, where clients can read it at all. */
function nativeOf(upstream: UpstreamProtocol, client: Protocol, find: FindProtocol): Protocol {
  const base = find(upstream.base);
  return base !== undefined && 'endpoints' in base && base.endpoints.length > 0 ? base : client;
}

/** The codec of a dialect that takes part in a conversion. */
export function codecOf<Codec>(protocol: { readonly id: string; readonly codec?: Codec }): Codec {
  if (protocol.codec !== undefined) return protocol.codec;
  throw new GatewayError({
    code: 'protocol_not_convertible',
    kind: 'internal',
    message: `The dialect ${protocol.id} has no codec.`,
  });
}

function hasToBeRewritten(upstream: UpstreamProtocol, body: ChunkedBytes): boolean {
  if (upstream.rewritesRequests !== true) return false;
  const { rewrittenWords } = upstream;
  if (rewrittenWords === undefined) return true;
  let words = wordsOf.get(upstream);
  if (words === undefined) {
    words = rewrittenWords.map((word) => Buffer.from(word));
    wordsOf.set(upstream, words);
  }
  return words.some((word) => bytesInclude(body, word));
}
