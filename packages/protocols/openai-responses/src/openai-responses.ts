import { type Protocol, parseProtocolId } from '@proxycast/spec';
import { codec } from './codec.ts';
import { decodeError } from './decode-error.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { keeping } from './keeping/keeping.ts';
import { DIALECT } from './own-fields.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';

const ID = parseProtocolId(DIALECT);

/** The dialect of `api.openai.com/v1/responses`. Its clients list models as those of Chat Completions do. */
export const openaiResponses: Protocol = {
  id: ID,
  base: ID,
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
  keeping,
};
