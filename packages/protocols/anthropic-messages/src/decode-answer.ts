import {
  type ChatChoice,
  type ChatResponse,
  type DecodeAnswerContext,
  InvalidRequestError,
  UpstreamError,
} from '@proxycast/spec';
import { errorFieldsOf, isObject, type JsonObject, textOf } from '@proxycast/wire';
import { endFieldsOf, startFieldsOf } from './answer-fields.ts';
import { decodeAnswerBlock } from './decode-answer-block.ts';
import { asUpstreamError } from './decode-error.ts';
import { decodeUsage } from './decode-usage.ts';
import { asExtensions, DIALECT } from './dialect.ts';
import { readStopReason } from './map-stop-reason.ts';

/** Throws UpstreamError when it is no answer of this dialect. */
export function decodeAnswer(body: unknown, context: DecodeAnswerContext): ChatResponse {
  if (!isObject(body)) throw noAnswer();
  if (!Array.isArray(body.content)) throw errorIn(body) ?? noAnswer();
  const id = textOf(body.id) ?? context.fallbackId;
  const { content, usage } = body;
  return {
    id,
    model: textOf(body.model) ?? context.model,
    choices: [decodeChoice(body, content, id, context)],
    ...(isObject(usage) ? { usage: decodeUsage(usage) } : {}),
    ...asExtensions(startFieldsOf(body)),
  };
}

function decodeChoice(
  body: JsonObject,
  content: readonly unknown[],
  answerId: string,
  context: DecodeAnswerContext,
): ChatChoice {
  try {
    return {
      blocks: content.map((block, index) => decodeAnswerBlock(block, { answerId, index }, context)),
      ...decodeEnd(body.stop_reason, body.stop_sequence, endFieldsOf(body)),
    };
  } catch (cause) {
    throw cause instanceof InvalidRequestError ? noAnswer(cause) : cause;
  }
}

/** Why an answer ended, and all the dialect says of it. */
export function decodeEnd(stopReason: unknown, stopSequence: unknown, fields: JsonObject): Omit<ChatChoice, 'blocks'> {
  const reason = readStopReason(stopReason);
  const upstreamReason = textOf(stopReason);
  // A word of the future: whoever speaks this dialect is told it.
  const unknown = reason === 'other' && upstreamReason !== undefined ? { stop_reason: upstreamReason } : {};
  return {
    reason,
    ...(upstreamReason === undefined ? {} : { upstreamReason }),
    ...(typeof stopSequence === 'string' ? { stopSequence } : {}),
    ...asExtensions({ ...fields, ...unknown }),
  };
}

function errorIn(body: JsonObject): UpstreamError | undefined {
  if (body.type !== 'error' && !isObject(body.error)) return undefined;
  const fields = errorFieldsOf(body);
  return fields === undefined ? undefined : asUpstreamError(fields);
}

function noAnswer(cause?: unknown): UpstreamError {
  return new UpstreamError({
    code: 'upstream_invalid_answer',
    message: `The upstream answered with something that is no message of the dialect ${DIALECT}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
