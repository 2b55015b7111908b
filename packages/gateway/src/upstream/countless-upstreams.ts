import type { PlannedProvider } from '@proxycast/routing';
import type { Provider } from '@proxycast/spec';

/** Statuses of a service that has no such call, or of a key that may not make it. */
const REFUSING_STATUSES: ReadonlySet<number> = new Set([403, 404, 405, 410, 501]);
/** Of these a model or a whole service will say the same again; a key without the right is one of several. */
const LASTING_STATUSES: ReadonlySet<number> = new Set([404, 405, 410, 501]);
/** The code that dialects give an error which says that a model's tokens cannot be counted. */
const NOT_COUNTED_CODE = 'count_not_supported';

/** A service may learn to count, and a model may be added to it. */
const REMEMBERED_MS = 10 * 60_000;
/** A client that makes up model names must not grow the memory. */
const MAX_REMEMBERED_MODELS = 100;

/** When to ask again, by model; a provider lives as long as the configuration. */
const askAgainAtMs = new WeakMap<Provider, Map<string, number>>();

/** Whether an upstream was found to have no counting call, so that asking once more would cost a round trip for nothing. */
export function isCountless({ provider, model }: PlannedProvider, nowMs: number): boolean {
  const at = askAgainAtMs.get(provider)?.get(model);
  return at !== undefined && nowMs < at;
}

/** Whether a refusal means that the upstream cannot count; notes it where it will stay so. */
export function cannotCount(
  { provider, model }: PlannedProvider,
  { status, code }: { readonly status: number | undefined; readonly code: string },
  nowMs: number,
): boolean {
  const isNotCounted = code === NOT_COUNTED_CODE;
  if (!isNotCounted && (status === undefined || !REFUSING_STATUSES.has(status))) return false;
  if (isNotCounted || (status !== undefined && LASTING_STATUSES.has(status))) {
    const models = askAgainAtMs.get(provider) ?? new Map<string, number>();
    if (models.size >= MAX_REMEMBERED_MODELS) models.clear();
    models.set(model, nowMs + REMEMBERED_MS);
    askAgainAtMs.set(provider, models);
  }
  return true;
}
