import { type ChatRequest, InvalidRequestError } from '@proxycast/spec';
import { DIALECT } from './dialect.ts';

/** Throws InvalidRequestError for what this dialect cannot do, where an answer without it would be a wrong one. */
export function refuseRequest(request: ChatRequest): void {
  const { protocol, choices, previousResponseId, background, modalities, keptByService = [] } = request;
  if (choices !== undefined && choices > 1)
    throw refusal('n', 'this model gives one answer to a request; ask for one.');
  if (previousResponseId !== undefined) {
    throw refusal('previous_response_id', 'this model keeps no answers; send the conversation with the request.');
  }
  const [kept] = protocol === DIALECT ? [] : keptByService;
  if (kept !== undefined)
    throw refusal(kept, 'this model knows nothing of what another service keeps; send it with the request.');
  if (background === true) throw refusal('background', 'this model answers only while the client waits.');
  const made = modalities?.find((modality) => modality !== 'text');
  if (made !== undefined) throw refusal('modalities', `this model answers with text, not with ${made}.`);
}

const refusal = (field: string, what: string): InvalidRequestError =>
  new InvalidRequestError({ code: 'unsupported_parameter', field, message: `${field}: ${what}` });
