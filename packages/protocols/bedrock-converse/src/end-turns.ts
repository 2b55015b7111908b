import type { JsonObject, ReportChange } from '@proxycast/spec';
import type { Message } from './encode-turns.ts';
import type { ModelTraits } from './model-traits.ts';

const NO_RESULT = '(no result: the call was cancelled)';
const GO_ON = 'Continue.';

/**
 * What stands last decides how the model goes on. Calls get results; words put into the model's mouth get a request to go on
 * where the model takes none. Says whether such words are left.
 */
export function endTurns(
  messages: Message[],
  { takesPrefill }: ModelTraits,
  report: ReportChange,
): { readonly isPrefilled: boolean } {
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return { isPrefilled: false };
  const calls = last.content.flatMap(({ toolUse }) => (isFields(toolUse) ? [toolUse] : []));
  if (calls.length > 0) {
    report('messages', 'added');
    const content = calls.map(({ toolUseId }) => ({ toolResult: { toolUseId, content: [{ text: NO_RESULT }] } }));
    messages.push({ role: 'user', content });
    return { isPrefilled: false };
  }
  if (!takesPrefill) {
    report('messages', 'added');
    messages.push({ role: 'user', content: [{ text: GO_ON }] });
    return { isPrefilled: false };
  }
  const end = last.content.at(-1);
  // White space at the end of such words is refused.
  if (typeof end?.['text'] === 'string') last.content[last.content.length - 1] = { text: end['text'].trimEnd() };
  return { isPrefilled: true };
}

/**
 * Whether the answer goes on after calls whose turn does not begin with thinking: it came from another service, or was lost.
 * With a budget for thinking Claude refuses that.
 */
export function lacksThinking(messages: readonly Message[]): boolean {
  const [called, results] = [messages.at(-2), messages.at(-1)];
  if (called?.role !== 'assistant' || results?.content.some((part) => 'toolResult' in part) !== true) return false;
  return called.content[0] === undefined || !('reasoningContent' in called.content[0]);
}

const isFields = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;
