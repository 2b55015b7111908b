import type { ReportChange } from '@proxycast/spec';
import type { Content } from './encode-block.ts';
import { isThinking, type Message } from './encode-turns.ts';

/** Of what the API allows in one request. */
const MAX_MARKS = 4;
const MARK = { type: 'ephemeral' };

/** All that can be marked, in the order of the prompt. */
interface Prompt {
  readonly tools: readonly Content[];
  readonly system: readonly Content[];
  readonly messages: readonly Message[];
}

/**
 * Bounds the marks of the prompt cache. Other dialects cache without being asked; a request of theirs without any marks
 * would cost its clients the whole prompt anew in every turn, so it gets the usual ones, unless `isMarked` says that
 * what there is was meant.
 */
export function markCache(
  prompt: Prompt,
  {
    isMarked,
    isAutomatic,
    report,
  }: { readonly isMarked: boolean; readonly isAutomatic: boolean; readonly report: ReportChange },
): void {
  const marked = [...contentsOf(prompt)].filter(
    (content) => content.cache_control !== undefined && content.cache_control !== null,
  );
  // Marks that the service sets itself count as one.
  const left = isAutomatic ? MAX_MARKS - 1 : MAX_MARKS;
  if (marked.length > left) {
    report('cache_control', 'dropped');
    for (const content of marked.slice(0, -left)) delete content.cache_control;
  }
  if (marked.length === 0 && !isMarked && !isAutomatic) markUsual(prompt);
}

function* contentsOf({ tools, system, messages }: Prompt): Generator<Content> {
  yield* tools;
  yield* system;
  for (const { content } of messages) {
    for (const block of content) {
      // Of other blocks the inside is the client's own and not ours to change.
      if (block.type === 'tool_result' && Array.isArray(block.content)) yield* block.content;
      yield block;
    }
  }
}

function markUsual({ tools, system, messages }: Prompt): void {
  const user = messages.findLast(({ role }) => role === 'user');
  for (const content of [tools.at(-1), system.at(-1), user?.content.findLast((block) => !isThinking(block))]) {
    if (content !== undefined) content.cache_control = MARK;
  }
}
