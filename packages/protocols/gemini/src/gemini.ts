import { type AnswerFraming, type ChatCodec, type Protocol, parseProtocolId } from '@proxycast/spec';
import { decodeError } from './decode-error.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { models } from './models.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';

const codec: ChatCodec = {
  decodeRequest,
  createStreamEncoder,
  encodeAnswer,
  encodeTokenCount: (count) => ({ totalTokens: count }),
  streamFraming: (query) => (query.get('alt') === 'sse' ? 'sse' : 'json-array'),
};

/** The dialect of `generativelanguage.googleapis.com/v1beta/models/{model}:generateContent`. */
export const gemini: Protocol = {
  id: parseProtocolId('gemini'),
  endpoints,
  forwardedRequestHeaders,
  forwardedResponseHeaders,
  framingOf,
  renderError,
  renderStreamError,
  decodeError,
  findErrorInAnswer,
  isStreamComplete,
  readUsage,
  models,
  codec,
};

/** Without `alt=sse` a stream is one JSON array that arrives piece by piece. */
function framingOf(contentType: string): AnswerFraming | undefined {
  const type = contentType.trimStart().toLowerCase();
  if (type.startsWith('text/event-stream')) return 'sse';
  return type.startsWith('application/json') ? 'json-array' : undefined;
}
