import type { ReportChange } from '@proxycast/spec';
import { type Content, isBlank } from './encode-block.ts';
import { isResult, isThinking, type Message } from './encode-turns.ts';
import type { ModelTraits } from './model-traits.ts';

const NO_RESULT = '(no result: the call was cancelled)';
const GO_ON = 'Continue.';

/**
 * What stands last decides how the model goes on. Calls get results, and words put into the model's mouth (a prefill) get
 * a request to go on where the model takes none. Says whether such words are left.
 */
export function endTurns(
  messages: Message[],
  traits: ModelTraits,
  report: ReportChange,
): { readonly isPrefilled: boolean } {
  const last = messages[messages.length - 1];
  if (last?.role !== 'assistant') return { isPrefilled: false };
  const calls = last.content.filter(({ type }) => type === 'tool_use');
  if (calls.length > 0) {
    report('messages', 'added');
    messages.push(
      userMessage(calls.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: [textOf(NO_RESULT)] }))),
    );
    return { isPrefilled: false };
  }
  // An answer that a tool of the service's interrupted is sent back to be gone on with.
  if (!last.content.every((block) => block.type === 'text' || isThinking(block))) return { isPrefilled: false };
  if (!traits.takesPrefill) {
    report('messages', 'added');
    messages.push(userMessage([textOf(GO_ON)]));
    return { isPrefilled: false };
  }
  trimEnd(last.content);
  if (last.content.length === 0) messages.pop();
  return { isPrefilled: last.content.length > 0 };
}

const textOf = (text: string): Content => ({ type: 'text', text });
const userMessage = (content: Content[]): Message => ({ role: 'user', content, own: {}, turnCount: 1 });

/** The API refuses white space at the end of a prefill. */
function trimEnd(content: Content[]): void {
  const block = content[content.length - 1];
  if (block?.type !== 'text' || typeof block.text !== 'string') return;
  if (isBlank(block.text)) content.pop();
  else block.text = block.text.trimEnd();
}

/**
 * Whether the answer goes on after calls whose turn does not begin with thinking: it came from another service, or was
 * lost. With a budget for thinking the API refuses that.
 */
export function lacksThinking(messages: readonly Message[]): boolean {
  const last = messages.findLastIndex(({ role }) => role !== 'system');
  const results = messages[last];
  if (results?.role !== 'user' || !results.content.some(isResult)) return false;
  const answer = messages.slice(0, last).findLast(({ role }) => role !== 'system');
  const [first] = answer?.content ?? [];
  return answer?.role === 'assistant' && (first === undefined || !isThinking(first));
}
