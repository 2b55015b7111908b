import type { ErrorKind, StopReason } from '@proxycast/spec';

/** The dialect's words → ours, with those of compatible services. */
const REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['eos', 'end'],
  ['eos_token', 'end'],
  ['end_turn', 'end'],
  ['complete', 'end'],
  ['completed', 'end'],
  ['stop_sequence', 'stop-sequence'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['max_output_tokens', 'length'],
  ['model_length', 'context-full'],
  ['tool_calls', 'tool-use'],
  ['tool_call', 'tool-use'],
  ['tool_use', 'tool-use'],
  ['function_call', 'tool-use'],
  ['content_filter', 'refusal'],
  ['sensitive', 'refusal'],
  ['safety', 'refusal'],
  ['recitation', 'refusal'],
  ['refusal', 'refusal'],
  ['pause_turn', 'pause'],
]);

/** Words that name a failure of the service: Mistral and OpenRouter, DeepSeek, Z.AI. */
const FAILURES: ReadonlyMap<string, ErrorKind> = new Map([
  ['error', 'upstream-failed'],
  ['insufficient_system_resource', 'overloaded'],
  ['network_error', 'upstream-failed'],
  ['malformed_function_call', 'upstream-failed'],
]);

export const mapFinishReason = (word: string): StopReason => REASONS.get(word.toLowerCase()) ?? 'other';

/** The kind of failure the word names; `undefined` for a reason to stop. */
export const mapFailedFinish = (word: string): ErrorKind | undefined => FAILURES.get(word.toLowerCase());
