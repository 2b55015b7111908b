import { type ChatCodec, InvalidRequestError, type Protocol, parseProtocolId } from '@proxycast/spec';
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
  encodeTokenCount() {
    throw new InvalidRequestError({ message: 'Chat Completions has no way to count tokens.' });
  },
};

/** The dialect of `api.openai.com/v1/chat/completions`, with the other endpoints of that address but Responses. */
export const openaiChat: Protocol = {
  id: parseProtocolId('openai'),
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
