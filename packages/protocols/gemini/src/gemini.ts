import { type AnswerFraming, type Protocol, parseProtocolId } from '@proxycast/spec';
import { GEMINI } from './base-id.ts';
import { codec } from './codec.ts';
import { decodeError } from './decode-error.ts';
import { endpoints } from './endpoints.ts';
import { findErrorInAnswer } from './find-error-in-answer.ts';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './forwarded-headers.ts';
import { isStreamComplete } from './is-stream-complete.ts';
import { models } from './models.ts';
import { readUsage } from './read-usage.ts';
import { renderError, renderStreamError } from './render-error.ts';

/** The dialect of `generativelanguage.googleapis.com/v1beta/models/{model}:generateContent`. */
export const gemini: Protocol = {
  id: parseProtocolId(GEMINI),
  base: parseProtocolId(GEMINI),
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
