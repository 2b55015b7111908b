import { foldAnswer } from '@proxycast/conversion';
import { type ChatResponse, type DecodeAnswerContext, UpstreamError } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { AnswerDecoder } from './decode-stream.ts';

/**
 * A whole answer is a stream of one frame, and the array that a stream without `alt=sse` is, one of several: all are read
 * by the same rules. Throws UpstreamError for what is no answer, or is one that cannot be used.
 */
export function decodeAnswer(body: unknown, context: DecodeAnswerContext): ChatResponse {
  const decoder = new AnswerDecoder(context);
  const fallback = { id: context.fallbackId, model: context.model };
  if (Array.isArray(body)) return foldAnswer(decoder.decodeElements(body), fallback);
  if (isObject(body)) return foldAnswer(decoder.decodeWhole(body), fallback);
  throw new UpstreamError({ code: 'upstream_invalid', message: 'The upstream answered with no JSON object.' });
}
