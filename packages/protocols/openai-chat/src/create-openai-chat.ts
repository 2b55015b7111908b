import { type Protocol, parseProtocolId } from '@proxycast/spec';
import type { ChatVariant } from './chat-variant.ts';
import { createCodec } from './codec.ts';
import { decodeError } from './decode-error.ts';
import { DIALECT } from './dialect.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { models } from './models.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';
import { rewrittenWords } from './rewritten-words.ts';

const BASE = parseProtocolId(DIALECT);

/** The dialect as a service speaks it. A variant is for upstreams: clients speak the plain one, on its endpoints. */
export function createOpenaiChat({ id, quirks }: ChatVariant): Protocol {
  const isPlain = id === DIALECT;
  // Whose host it is, is not known of the plain one: what it is sent back, it may have shown.
  const words = isPlain ? [] : rewrittenWords(quirks);
  return {
    id: parseProtocolId(id),
    base: BASE,
    endpoints: isPlain ? endpoints : [],
    forwardedRequestHeaders,
    forwardedResponseHeaders,
    framingOf: (contentType) =>
      contentType.trimStart().toLowerCase().startsWith('text/event-stream') ? 'sse' : undefined,
    renderError,
    renderStreamError,
    decodeError,
    findErrorInAnswer,
    isStreamComplete,
    readUsage,
    ...(isPlain ? { models } : {}),
    ...(words.length === 0 ? {} : { rewritesRequests: true, rewrittenWords: words }),
    codec: createCodec(quirks),
  };
}
