import { signatureFor } from '@proxycast/conversion';
import type { ChatTurn, JsonObject, RedactedThinkingBlock, ThinkingBlock } from '@proxycast/spec';
import { isObject } from '@proxycast/wire';
import { DIALECT, ownFieldsOf } from './dialect.ts';
import { openReasoning } from './sealed-reasoning.ts';
import type { TurnTarget } from './turn-target.ts';

export interface EncodedReasoning {
  readonly fields: JsonObject;
  /** Parts of the content, before the text. */
  readonly parts: readonly JsonObject[];
  /** Text in front of the text. */
  readonly inline?: string;
}

const NOTHING: EncodedReasoning = { fields: {}, parts: [] };

type Thought = ThinkingBlock | RedactedThinkingBlock;

/** The thinking of an assistant turn as the service wants it told again, if it wants it at all. */
export function encodeReasoningHistory(turn: ChatTurn, target: TurnTarget, hasCalls: boolean): EncodedReasoning {
  const { send, form, unknown } = target.quirks.reasoningHistory;
  if (send === 'never' || (send === 'tool-turns' && !hasCalls)) return NOTHING;
  const thoughts = turn.blocks.filter(
    (block): block is Thought => block.type === 'thinking' || block.type === 'redacted-thinking',
  );
  const text = thoughts
    .map(textOfThought)
    .filter((part) => part !== '')
    .join('\n\n');
  switch (form) {
    case 'part':
      return text === '' ? NOTHING : { fields: {}, parts: [thinkingPart(text, thoughts)] };
    case 'inline':
      return text === '' ? NOTHING : { fields: {}, parts: [], inline: `<think>\n${text}\n</think>\n\n` };
    case 'reasoning_details': {
      const details = detailsOf(turn, thoughts, target);
      if (details.length > 0) return { fields: { reasoning_details: details }, parts: [] };
      return fieldOf('reasoning', text, unknown);
    }
    default:
      return fieldOf(form, text, unknown);
  }
}

function fieldOf(field: string, text: string, unknown: 'omit' | 'empty'): EncodedReasoning {
  return text === '' && unknown === 'omit' ? NOTHING : { fields: { [field]: text }, parts: [] };
}

const textOfThought = (block: Thought): string => (block.type === 'thinking' ? block.parts.join('\n\n') : '');

function thinkingPart(text: string, thoughts: readonly Thought[]): JsonObject {
  const [first] = thoughts;
  const { form: _, ...rest } = first === undefined ? {} : ownFieldsOf(first);
  return { type: 'thinking', thinking: [{ type: 'text', text }], ...rest };
}

/** A client's own entries as they came; else what this upstream sealed, opened again. */
function detailsOf(turn: ChatTurn, thoughts: readonly Thought[], { origin }: TurnTarget): readonly JsonObject[] {
  const { reasoning_details: own } = ownFieldsOf(turn);
  if (Array.isArray(own)) return own.filter(isObject);
  return thoughts.flatMap((block) => {
    const value =
      block.signature === undefined ? undefined : signatureFor(block.signature, { origin, dialect: DIALECT });
    return value === undefined ? [] : openReasoning(value, textOfThought(block));
  });
}
