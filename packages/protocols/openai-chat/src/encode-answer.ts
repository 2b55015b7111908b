import { type ChatRequest, type StopReason, type StreamEvent, type TokenUsage, unreachable } from '@proxycast/spec';
import { completionId } from './completion-id.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';

interface Call {
  readonly id: string;
  readonly name: string;
  input: string;
}

/** The answer as one JSON value: what folding the stream of the same events gives. */
export function encodeAnswer(
  events: readonly StreamEvent[],
  { request, nowMs }: { readonly request: ChatRequest; readonly nowMs: number },
): unknown {
  let id = '';
  let model = request.model;
  let text: string | null = null;
  let usage: TokenUsage = {};
  let reason: StopReason = 'other';
  const calls = new Map<number, Call>();
  for (const event of events) {
    switch (event.type) {
      case 'message-start':
        id = completionId(event.id);
        model = event.model;
        break;
      case 'text-start':
        text ??= '';
        break;
      case 'text-delta':
        text = (text ?? '') + event.text;
        break;
      case 'tool-call-start':
        calls.set(event.block, { id: event.callId, name: event.name, input: '' });
        break;
      case 'tool-input-delta': {
        const call = calls.get(event.block);
        if (call !== undefined) call.input += event.json;
        break;
      }
      case 'block-end':
        break;
      case 'usage':
        usage = { ...usage, ...event.usage };
        break;
      case 'message-end':
        reason = event.reason;
        break;
      default:
        unreachable(event);
    }
  }
  const isOldForm = request.extensions?.functions === true;
  // Clients parse the arguments, and no text at all is no JSON.
  for (const call of calls.values()) call.input ||= '{}';
  const content = text ?? (calls.size === 0 ? '' : null);
  return {
    id,
    object: 'chat.completion',
    created: Math.floor(nowMs / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, ...encodeCalls([...calls.values()], isOldForm) },
        logprobs: null,
        finish_reason: isOldForm && reason === 'tool-use' ? 'function_call' : mapStopReason(reason),
      },
    ],
    usage: encodeUsage(usage),
  };
}

function encodeCalls(calls: readonly Call[], isOldForm: boolean): Readonly<Record<string, unknown>> {
  const [first] = calls;
  if (first === undefined) return {};
  if (isOldForm) return { function_call: { name: first.name, arguments: first.input } };
  return {
    tool_calls: calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: input } })),
  };
}
