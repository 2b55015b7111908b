import { type ChatCodec, type Protocol, parseProtocolId } from '@proxycast/spec';
import { decodeError } from './decode-error.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeAnswer } from './encode-answer.ts';
import { createStreamEncoder } from './encode-stream.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';

const codec: ChatCodec = {
  decodeRequest,
  createStreamEncoder,
  encodeAnswer,
  encodeTokenCount: (count) => ({ object: 'response.input_tokens', input_tokens: count }),
};

/** The dialect of `api.openai.com/v1/responses`. Its clients list models as those of Chat Completions do. */
export const openaiResponses: Protocol = {
  id: parseProtocolId('responses'),
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
  codec,
};
