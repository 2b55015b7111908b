import type { ChatRequest, StopReason, TokenUsage } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { echoedFieldsOf } from './echoed-fields.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';
import { encodeItem, type OutputItem } from './output-item.ts';

export interface ResponseState {
  readonly id: string;
  readonly model: string;
  readonly request: ChatRequest;
  readonly nowMs: number;
}

/** The response object of the first events: nothing said yet. */
export function encodeResponseStart({ id, model, request, nowMs }: ResponseState): JsonObject {
  return {
    id,
    object: 'response',
    created_at: Math.floor(nowMs / 1000),
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    model,
    output: [],
    usage: null,
    ...echoedFieldsOf(request),
  };
}

/** The response object as it ended: the body of a whole answer, and what the final event repeats. */
export function encodeResponseEnd(
  state: ResponseState,
  items: readonly OutputItem[],
  usage: TokenUsage,
  reason: StopReason,
): JsonObject {
  const { status, incompleteReason } = mapStopReason(reason);
  return {
    ...encodeResponseStart(state),
    status,
    completed_at: status === 'completed' ? Math.floor(state.nowMs / 1000) : null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    output: items.map((item) => encodeItem(item, 'completed')),
    usage: encodeUsage(usage),
  };
}
