import { parseProtocolId, type UpstreamCodec, type UpstreamProtocol } from '@proxycast/spec';
import { INLINE_MEDIA } from './accepted-media.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { codec } from './codec.ts';

/**
 * The dialect of services that run the models, or speak like them, and read no addresses: Vertex AI ("URL sources are not
 * supported", https://docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude, seen 2026-11-25), Ollama.
 */
export const anthropicInline: UpstreamProtocol & { readonly codec: UpstreamCodec } = {
  id: parseProtocolId('anthropic-inline'),
  base: anthropicMessages.id,
  forwardedResponseHeaders: anthropicMessages.forwardedResponseHeaders,
  framingOf: anthropicMessages.framingOf,
  decodeError: anthropicMessages.decodeError,
  findErrorInAnswer: anthropicMessages.findErrorInAnswer,
  rewritesRequests: true,
  // The type of a source, as serialisers write it; `"url"` as a field's name, as in schemas of tools, has no colon before it.
  rewrittenWords: [':"url"', ': "url"'],
  codec: { ...codec, acceptedMedia: () => INLINE_MEDIA },
};
