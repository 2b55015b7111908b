import type { ChatChoice, ChatResponse, StopReason } from '@proxycast/spec';

/**
 * The reason that agrees with the calls there were: services name tools without a call, and end naturally with one. What
 * cut an answer short (length, refusal, …) stays.
 */
export function settleStopReason(reason: StopReason, hasToolCall: boolean): StopReason {
  if (hasToolCall) return reason === 'end' || reason === 'other' ? 'tool-use' : reason;
  return reason === 'tool-use' ? 'end' : reason;
}

/** A whole answer whose reasons agree with its calls; the same where they do. */
export function settleStopReasons(response: ChatResponse): ChatResponse {
  const choices = response.choices.map(settleChoice);
  return choices.some((choice, index) => choice !== response.choices[index]) ? { ...response, choices } : response;
}

function settleChoice(choice: ChatChoice): ChatChoice {
  const hasToolCall = choice.blocks.some((block) => block.type === 'tool-call');
  const reason = settleStopReason(choice.reason, hasToolCall);
  return reason === choice.reason ? choice : { ...choice, reason };
}
