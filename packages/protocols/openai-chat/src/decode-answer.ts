import { foldAnswer } from '@proxycast/conversion';
import { type ChatResponse, type StreamEvent, UpstreamError } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { AnswerDecoder, type AnswerParts } from './answer-decoder.ts';
import { decodeFailure } from './decode-failure.ts';

/** A whole answer, read as a stream of one chunk: the same is made of both. Throws UpstreamError when it is none. */
export function decodeAnswer(body: unknown, parts: AnswerParts): ChatResponse {
  const value: unknown = Array.isArray(body) ? body[0] : body;
  if (!isObject(value)) throw noAnswer();
  const failure = decodeFailure(value);
  const { choices } = value;
  const hasChoices = Array.isArray(choices) && choices.some(isObject);
  if (failure !== undefined && !hasChoices) throw failure;
  if (!hasChoices) throw noAnswer();
  const events: StreamEvent[] = [];
  const decoder = new AnswerDecoder({ ...parts, isWhole: true });
  decoder.push(value, events);
  decoder.end(events);
  return foldAnswer(events, { id: parts.fallbackId, model: parts.model });
}

const noAnswer = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_invalid_answer',
    message: 'The upstream answered with something that is no chat completion.',
  });
