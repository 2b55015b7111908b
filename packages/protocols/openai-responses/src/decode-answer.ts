import { type ChatBlock, type ChatResponse, type DecodeAnswerContext, UpstreamError } from '@proxycast/spec';
import { countOf, isObject, textOf } from '@proxycast/wire';
import { decodeEnding } from './answer/decode-ending.ts';
import { decodeUsage } from './answer/decode-usage.ts';
import { responseExtensions } from './answer/response-rest.ts';
import { upstreamErrorOf } from './answer/upstream-error-of.ts';
import { decodeItem } from './item/decode-item.ts';

/** Throws UpstreamError for a response that failed as well: an answer without its content is none. */
export function decodeAnswer(body: unknown, { origin, fallbackId, model }: DecodeAnswerContext): ChatResponse {
  if (!isObject(body)) throw noAnswer();
  const { output } = body;
  const isResponse = Array.isArray(output) || body['object'] === 'response';
  if (!isResponse) throw body['error'] === undefined || body['error'] === null ? noAnswer() : upstreamErrorOf(body);
  const blocks: ChatBlock[] = [];
  if (Array.isArray(output)) {
    output.forEach((item: unknown, index) => {
      if (!isObject(item)) return;
      blocks.push(...decodeItem(item, { index, readSignature: (value) => ({ origin, value }) }));
    });
  }
  const ending = decodeEnding(body, 'completed', {
    hasCall: blocks.some(({ type }) => type === 'tool-call'),
    hasRefusal: blocks.some(({ type }) => type === 'refusal'),
  });
  if (ending.type === 'failed') throw ending.error;
  const { reason, upstreamReason } = ending;
  const createdAtSeconds = countOf(body['created_at']);
  const usage = decodeUsage(body['usage']);
  return {
    id: textOf(body['id']) ?? fallbackId,
    model: textOf(body['model']) ?? model,
    ...(createdAtSeconds === undefined ? {} : { createdAtSeconds }),
    choices: [{ blocks, reason, upstreamReason, extensions: responseExtensions(body) }],
    ...(usage === undefined ? {} : { usage }),
  };
}

const noAnswer = (): UpstreamError =>
  new UpstreamError({
    code: 'upstream_invalid_answer',
    message: 'The upstream answered with something that is no response of its dialect.',
  });
