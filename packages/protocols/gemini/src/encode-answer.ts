import { unfoldAnswer } from '@proxycast/conversion';
import type { ChatResponse, EncodeAnswerContext, JsonObject, StreamEvent } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { GEMINI } from './base-id.ts';
import { AnswerPartEncoder } from './encode-answer-part.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeStopReason } from './map-stop-reason.ts';
import { showsThinking } from './shows-thinking.ts';

/** The answer as one JSON value: what the chunks of the same answer hold, put together. */
export function encodeAnswer(response: ChatResponse, { request }: EncodeAnswerContext): JsonObject {
  const encoder = new AnswerPartEncoder({ showsThinking: showsThinking(request) });
  const lists: JsonObject[][] = response.choices.map(() => []);
  const candidates: JsonObject[] = [];
  let laterFields: JsonObject = {};
  for (const event of unfoldAnswer(response)) {
    if ('block' in event) {
      const part = encoder.encode(event);
      if (part !== undefined) addPart(lists[encoder.choice] ?? [], part);
    } else if (event.type === 'message-end') {
      const later = event.extensions?.[GEMINI]?.responseFields;
      if (isObject(later)) laterFields = later;
      candidates.push(candidateOf(event, lists[event.choice ?? 0] ?? [], encoder));
    }
  }
  const fields = { ...response.extensions?.[GEMINI], ...laterFields };
  const isBlocked = 'promptFeedback' in fields && candidates.every(({ content }) => content === undefined);
  return {
    ...(isBlocked ? {} : { candidates }),
    ...(response.usage === undefined ? {} : { usageMetadata: encodeUsage(response.usage) }),
    modelVersion: response.model,
    ...fields,
    responseId: response.id,
  };
}

function candidateOf(
  end: Extract<StreamEvent, { readonly type: 'message-end' }>,
  parts: readonly JsonObject[],
  encoder: AnswerPartEncoder,
): JsonObject {
  const isRefused = end.reason === 'refusal' && parts.length === 0;
  return {
    ...(isRefused ? {} : { content: { parts, role: 'model' } }),
    finishReason: encodeStopReason(end.reason, end.upstreamReason),
    ...encoder.fieldsOf(end),
    index: end.choice ?? 0,
  };
}

/** The pieces of one thought, and the signature at its end, are one part. */
function addPart(parts: JsonObject[], part: JsonObject): void {
  const last = parts[parts.length - 1];
  const goesOn =
    last?.thought === true &&
    part.thought === true &&
    last.thoughtSignature === undefined &&
    typeof last.text === 'string' &&
    typeof part.text === 'string' &&
    (part.text === '' || part.text.startsWith('\n\n'));
  if (goesOn) parts[parts.length - 1] = { ...last, ...part, text: `${last.text}${part.text}` };
  else parts.push(part);
}
