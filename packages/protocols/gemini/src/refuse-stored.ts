import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import { GEMINI } from './base-id.ts';

/** Refuses what only a service that keeps its answers can do. What this one keeps it knows itself. */
export function refuseStored({ protocol, previousResponseId, background, keptByService }: ChatRequest): void {
  const [kept] = protocol === GEMINI ? [] : (keptByService ?? []);
  const field = previousResponseId !== undefined ? 'previous_response_id' : background === true ? 'background' : kept;
  if (field === undefined) return;
  throw new InvalidRequestError({
    code: 'not_kept_here',
    message: `This model keeps nothing between requests, so ${field} cannot be honoured. Send the whole conversation instead.`,
    field,
  });
}
