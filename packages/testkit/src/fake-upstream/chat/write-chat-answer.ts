import { isObject } from '../../json.ts';
import { type ScriptedMessage, textPieces, usageOf } from '../answer.ts';
import type { AnswerContext, WrittenAnswer } from '../dialect.ts';
import { openAiRequestId } from '../openai-errors.ts';

/** Stands among the signatures of a fake that has shown reasoning: such a vendor takes it back, OpenAI knows no such field. */
export const SHOWN_REASONING = 'reasoning_content';

/** An answer as OpenAI writes a chat completion, whole or as chunks: protocols.md 2.2 and 2.3. */
export function writeChatAnswer(content: ScriptedMessage, context: AnswerContext): WrittenAnswer {
  const { request, nowMs, rules } = context;
  const headers = {
    'x-request-id': openAiRequestId(request.index),
    'openai-processing-ms': '7',
    'x-ratelimit-remaining-requests': '59',
  };
  const counted = usageOf(content);
  const usage = {
    prompt_tokens: counted.input,
    completion_tokens: counted.output,
    total_tokens: counted.input + counted.output,
    prompt_tokens_details: { cached_tokens: counted.cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: counted.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
  const calls = (content.calls ?? []).map((call, position) => {
    const id = call.id ?? `call_fake${request.index}_${position}`;
    return call.freeText === undefined
      ? { id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.input) } }
      : { id, type: 'custom', custom: { name: call.name, input: call.freeText } };
  });
  const finishReason =
    content.stop === 'length'
      ? 'length'
      : content.stop === 'refusal'
        ? 'content_filter'
        : calls.length > 0
          ? 'tool_calls'
          : 'stop';
  const pieces = textPieces(content.text);
  const base = {
    // Of no other service's form: a client takes two messages of one id for one.
    id: `chatcmpl-fakechat${request.index}`,
    created: Math.floor(nowMs / 1000),
    model: request.model ?? 'gpt-fake',
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
  // Vendors' field for reasoning; OpenAI itself shows none: protocols.md 6.
  if (content.thinking !== undefined) rules.memory.signatures.set(SHOWN_REASONING, '');
  const thinking = content.thinking === undefined ? {} : { reasoning_content: content.thinking };
  if (!request.isStream) {
    const message = {
      role: 'assistant',
      content: pieces.length === 0 ? null : pieces.join(''),
      ...thinking,
      refusal: null,
      annotations: [],
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
    const whole = {
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
      usage,
    };
    return { headers: { ...headers, 'content-type': 'application/json' }, frames: [JSON.stringify(whole)] };
  }
  const options = isObject(request.json) ? request.json.stream_options : undefined;
  const hasUsage = isObject(options) && options.include_usage === true;
  const chunk = (
    choices: readonly unknown[],
    last: Readonly<Record<string, unknown>> = hasUsage ? { usage: null } : {},
  ) => `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...last })}\n\n`;
  const delta = (shown: unknown, reason: string | null = null) =>
    chunk([{ index: 0, delta: shown, logprobs: null, finish_reason: reason }]);
  const frames = [
    delta({ role: 'assistant', content: calls.length > 0 && pieces.length === 0 ? null : '', refusal: null }),
    ...textPieces(content.thinking).map((text) => delta({ reasoning_content: text })),
    ...pieces.map((text) => delta({ content: text })),
    ...calls.flatMap((call, index) => {
      const text = call.function?.arguments ?? call.custom?.input ?? '';
      const held = (piece: string, head: { readonly name?: string } = {}) =>
        call.custom === undefined ? { function: { ...head, arguments: piece } } : { custom: { ...head, input: piece } };
      const name = call.function?.name ?? call.custom?.name ?? '';
      return [
        delta({ tool_calls: [{ index, id: call.id, type: call.type, ...held('', { name }) }] }),
        ...inTwo(text).map((piece) => delta({ tool_calls: [{ index, ...held(piece) }] })),
      ];
    }),
    delta({}, finishReason),
    ...(hasUsage ? [chunk([], { usage })] : []),
    'data: [DONE]\n\n',
  ];
  return { headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' }, frames };
}

/** Two halves, a pair of surrogates in one of them. */
function inTwo(text: string): readonly string[] {
  const middle = Math.floor(text.length / 2);
  const at = /[\uDC00-\uDFFF]/.test(text.charAt(middle)) ? middle + 1 : middle;
  return [text.slice(0, at), text.slice(at)];
}
