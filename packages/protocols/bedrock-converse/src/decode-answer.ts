import {
  type ChatBlock,
  type ChatResponse,
  type DecodeAnswerContext,
  type JsonObject,
  UpstreamError,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { mapStopReason } from './map-stop-reason.ts';
import { readUsage } from './read-usage.ts';

/** Throws UpstreamError when the body holds no message. */
export function decodeAnswer(body: unknown, { origin, fallbackId, model }: DecodeAnswerContext): ChatResponse {
  const output = isObject(body) ? body['output'] : undefined;
  const message = isObject(output) ? output['message'] : undefined;
  if (!isObject(body) || !isObject(message)) {
    throw new UpstreamError({ code: 'upstream_invalid', message: 'The upstream answered without a message.' });
  }
  const content = Array.isArray(message['content']) ? message['content'] : [];
  const usage = readUsage(body['usage']);
  const upstreamReason = body['stopReason'];
  return {
    id: fallbackId,
    model,
    choices: [
      {
        blocks: content.flatMap((part: unknown) => (isObject(part) ? decodePart(part, origin) : [])),
        reason: mapStopReason(upstreamReason),
        ...(typeof upstreamReason === 'string' ? { upstreamReason } : {}),
      },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
}

function decodePart(part: JsonObject, origin: string): readonly ChatBlock[] {
  const { text, toolUse, reasoningContent } = part;
  if (typeof text === 'string') return text === '' ? [] : [{ type: 'text', text }];
  if (isObject(toolUse)) {
    const { toolUseId, name, input } = toolUse;
    return [
      {
        type: 'tool-call',
        callId: typeof toolUseId === 'string' ? toolUseId : '',
        name: typeof name === 'string' ? name : '',
        input: isObject(input) ? input : {},
        kind: 'function',
      },
    ];
  }
  if (isObject(reasoningContent)) return decodeReasoning(reasoningContent, origin);
  return [];
}

function decodeReasoning({ reasoningText, redactedContent }: JsonObject, origin: string): readonly ChatBlock[] {
  if (typeof redactedContent === 'string') {
    return [{ type: 'redacted-thinking', signature: { origin, value: redactedContent } }];
  }
  if (!isObject(reasoningText)) return [];
  const { text, signature } = reasoningText;
  return [
    {
      type: 'thinking',
      kind: 'full',
      parts: [typeof text === 'string' ? text : ''],
      ...(typeof signature === 'string' && signature !== '' ? { signature: { origin, value: signature } } : {}),
    },
  ];
}
