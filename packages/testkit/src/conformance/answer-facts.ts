import type { StopReason } from '@proxycast/spec';

/** What an answer says, whatever dialect it is written in: the fields of architecture/conversion.md that must survive. */
export interface AnswerFacts {
  readonly choices: readonly ChoiceFacts[];
  readonly usage?: UsageFacts;
}

export interface ChoiceFacts {
  readonly text: string;
  readonly refusal: string;
  /** Without the empty ones; one entry for each part, however the dialect cuts them. */
  readonly thinking: readonly string[];
  readonly calls: readonly CallFacts[];
  /** Addresses that statements of the text are said to come from, each once. */
  readonly cited: readonly string[];
  /** How many pictures the answer holds. */
  readonly pictures: number;
  readonly stop: StopReason;
}

export interface CallFacts {
  readonly id: string;
  readonly name: string;
  /** A JSON value; the text itself where it is none, or where the tool takes free text. */
  readonly input: unknown;
  readonly kind: 'function' | 'custom';
}

/** In the neutral base: `input` with the cache, `output` with reasoning. */
export interface UsageFacts {
  readonly input?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly output?: number;
  readonly reasoning?: number;
}

/** The reason after the two overrides of architecture/conversion.md. */
export function settleStop(stop: StopReason, callCount: number): StopReason {
  if (callCount > 0) return stop === 'end' || stop === 'other' || stop === 'stop-sequence' ? 'tool-use' : stop;
  return stop === 'tool-use' ? 'end' : stop;
}

/** Arguments as a JSON value: empty text is `{}`, other text that is no JSON stays text. */
export function inputValueOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
