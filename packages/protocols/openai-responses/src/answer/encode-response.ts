import type { ChatRequest, JsonObject, StopReason, TokenUsage } from '@proxycast/spec';
import { echoedFieldsOf } from './echoed-fields.ts';
import { encodeUsage } from './encode-usage.ts';
import { mapStopReason } from './map-stop-reason.ts';

export interface ResponseState {
  readonly id: string;
  readonly model: string;
  readonly createdAtSeconds: number;
  readonly request: ChatRequest;
}

/** The response object before its items: nothing said yet. */
export function encodeResponseStart({ id, model, createdAtSeconds, request }: ResponseState): JsonObject {
  return {
    id,
    object: 'response',
    created_at: createdAtSeconds,
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

export interface ResponseEnd {
  readonly reason: StopReason;
  readonly hasRefusal: boolean;
  readonly usage: TokenUsage | undefined;
  readonly nowMs: number;
  /** What the upstream's own response said beside its items, where it speaks this dialect. */
  readonly own: JsonObject | undefined;
  /** What goes over it, where the answer is kept here and not there. */
  readonly keeping?: JsonObject | undefined;
}

/** The response object at its end, but for its items. One of this dialect says what it said upstream, under the client's names. */
export function encodeResponseEnd(
  start: JsonObject,
  { reason, hasRefusal, usage, nowMs, own, keeping }: ResponseEnd,
): JsonObject {
  const counts = { usage: usage === undefined ? null : encodeUsage(usage) };
  const { id, model } = start;
  if (own !== undefined && own['status'] !== undefined) return { ...own, id, model, ...keeping, ...counts };
  const { status, incompleteReason } = mapStopReason(reason, hasRefusal);
  return {
    ...start,
    status,
    completed_at: status === 'completed' ? Math.floor(nowMs / 1000) : null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    ...counts,
  };
}

/** The response object when it fails, but for its items. */
export function encodeResponseFailure(
  start: JsonObject,
  error: { readonly code: string; readonly message: string },
  usage: TokenUsage | undefined,
): JsonObject {
  return { ...start, status: 'failed', error, ...(usage === undefined ? {} : { usage: encodeUsage(usage) }) };
}
