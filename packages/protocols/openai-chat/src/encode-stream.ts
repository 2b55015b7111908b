import {
  type ChatRequest,
  type StopReason,
  type StreamEncoder,
  type StreamEvent,
  type TokenUsage,
  unreachable,
} from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { completionId } from './completion-id.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';

/**
 * Writes the chunks the API sends. The chunk with the usage comes only when the client asked for it, after the one with
 * the reason to stop; all others then carry `usage: null`. A message that never ended gets no `[DONE]`.
 */
export function createStreamEncoder({
  request,
  nowMs,
}: {
  readonly request: ChatRequest;
  readonly nowMs: number;
}): StreamEncoder {
  const options = request.extensions?.stream_options;
  const isUsageWanted = isObject(options) && options.include_usage === true;
  const isOldForm = request.extensions?.functions === true;
  const created = Math.floor(nowMs / 1000);
  let id = '';
  let model = request.model;
  let usage: TokenUsage = {};
  let stopReason: StopReason | undefined;
  /** Calls are counted among themselves; text does not take an index. */
  const callIndexes = new Map<number, number>();
  const emptyCalls = new Set<number>();

  const chunk = (choices: readonly unknown[], ownUsage: unknown = null): string =>
    `data: ${JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      choices,
      ...(isUsageWanted ? { usage: ownUsage } : {}),
    })}\n\n`;
  const delta = (fields: Readonly<Record<string, unknown>>, finishReason: string | null = null): string =>
    chunk([{ index: 0, delta: fields, logprobs: null, finish_reason: finishReason }]);

  const inputDelta = (block: number, json: string): string =>
    isOldForm
      ? delta({ function_call: { arguments: json } })
      : delta({ tool_calls: [{ index: callIndexes.get(block) ?? 0, function: { arguments: json } }] });

  const encode = (event: StreamEvent): string => {
    switch (event.type) {
      case 'message-start':
        id = completionId(event.id);
        model = event.model;
        return delta({ role: 'assistant', content: '', refusal: null });
      case 'text-start':
        return '';
      case 'block-end':
        // Clients parse the arguments, and no text at all is no JSON.
        return emptyCalls.delete(event.block) ? inputDelta(event.block, '{}') : '';
      case 'text-delta':
        return delta({ content: event.text });
      case 'tool-call-start': {
        const call = { name: event.name, arguments: '' };
        emptyCalls.add(event.block);
        if (isOldForm) return delta({ function_call: call });
        const index = callIndexes.size;
        callIndexes.set(event.block, index);
        return delta({ tool_calls: [{ index, id: event.callId, type: 'function', function: call }] });
      }
      case 'tool-input-delta':
        if (event.json !== '') emptyCalls.delete(event.block);
        return inputDelta(event.block, event.json);
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'message-end':
        stopReason = event.reason;
        return delta({}, finishReasonOf(stopReason, isOldForm));
      default:
        return unreachable(event);
    }
  };

  return {
    push: (events) => events.map(encode).join(''),
    end() {
      if (stopReason === undefined) return '';
      return `${isUsageWanted ? chunk([], encodeUsage(usage)) : ''}data: [DONE]\n\n`;
    },
  };
}

const finishReasonOf = (reason: StopReason, isOldForm: boolean): string =>
  isOldForm && reason === 'tool-use' ? 'function_call' : mapStopReason(reason);
