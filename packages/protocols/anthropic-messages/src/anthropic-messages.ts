import { type ChatCodec, type Protocol, parseProtocolId } from '@proxycast/spec';
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
  encodeTokenCount: (count) => ({ input_tokens: count }),
};

/** The dialect of `api.anthropic.com/v1/messages`. */
export const anthropicMessages: Protocol = {
  id: parseProtocolId('anthropic'),
  endpoints,
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
  models,
  codec,
};
