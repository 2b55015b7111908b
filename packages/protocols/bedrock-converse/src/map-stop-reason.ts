import type { StopReason } from '@proxycast/spec';

const REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: 'end',
  tool_use: 'tool-use',
  max_tokens: 'length',
  model_context_window_exceeded: 'context-full',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'refusal',
  content_filtered: 'refusal',
};

export function mapStopReason(reason: unknown): StopReason {
  return (typeof reason === 'string' ? REASONS[reason] : undefined) ?? 'other';
}
