import { GatewayError, InvalidRequestError, ProxyCastError } from '@proxycast/spec';

const short = (id: string): string => id.slice(0, 128);

/** Unknown ones and those of other clients are told alike. */
export const previousNotFound = (id: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'previous_response_not_found',
    message: `Previous response with id '${short(id)}' not found.`,
    field,
  });

export const previousExpired = (id: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'previous_response_not_found',
    message: `Previous response with id '${short(id)}' has expired (setting responses.retention_days). Send the conversation in the request.`,
    field,
  });

export const previousNotDone = (id: string, status: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'previous_response_not_completed',
    message: `Previous response with id '${short(id)}' is ${status}. Wait for it to complete, or go on from another one.`,
    field,
  });

export const previousElsewhere = (id: string, providerId: string, field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'previous_response_elsewhere',
    message: `Response '${short(id)}' is kept by the provider ${providerId}, and no other can read it. Ask for a model of ${providerId}, or send the conversation in the request.`,
    field,
  });

export const keepingIsOff = (field: string): InvalidRequestError =>
  new InvalidRequestError({
    code: 'responses_not_kept',
    message: `This ProxyCast keeps no responses, so '${field}' cannot be honoured. Send the conversation in the request, or switch the setting responses.keep on.`,
    field,
  });

export const responseNotFound = (id: string): ProxyCastError =>
  new ProxyCastError({
    code: 'response_not_found',
    kind: 'not-found',
    fault: 'client',
    message: `Response with id '${short(id)}' not found.`,
  });

export const responseExpired = (id: string): ProxyCastError =>
  new ProxyCastError({
    code: 'response_not_found',
    kind: 'not-found',
    fault: 'client',
    message: `Response with id '${short(id)}' has expired (setting responses.retention_days).`,
  });

export const notCancellable = (): InvalidRequestError =>
  new InvalidRequestError({
    code: 'response_not_background',
    message: 'Cannot cancel a synchronous response: only those created with background=true can be cancelled.',
  });

export const eventsNotKept = (): InvalidRequestError =>
  new InvalidRequestError({
    code: 'stream_not_kept',
    message:
      'The events of this response are not here any more, or it was not made in the background. Retrieve it without stream.',
    field: 'stream',
  });

export const backgroundFull = (limit: number): GatewayError =>
  new GatewayError({
    code: 'background_full',
    kind: 'rate-limited',
    message: `${limit} responses run in the background already. Wait for one to complete, or cancel one.`,
    retryAfterMs: 5_000,
  });
