import { type Protocol, parseProtocolId } from '@proxycast/spec';
import { codec } from './codec.ts';
import { decodeError } from './decode-error.ts';
import { DIALECT } from './dialect.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { models } from './models.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';

const id = parseProtocolId(DIALECT);

/** The dialect of `api.anthropic.com/v1/messages`. */
export const anthropicMessages: Protocol = {
  id,
  base: id,
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
