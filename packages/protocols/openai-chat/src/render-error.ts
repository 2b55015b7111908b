import type { ErrorKind, ProxyCastError, RenderedError } from '@proxycast/spec';
import { mapErrorKind, type OpenaiErrorForm } from './map-error-kind.ts';

// An error must fit every client's buffers; an upstream's own words can be a page.
const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_NAME_CHARACTERS = 256;

/** The dialect has no place for the request id but the header the gateway sets on every answer. */
export function renderError(error: ProxyCastError): RenderedError {
  return {
    status: formOf(error).status,
    headers: {
      'content-type': 'application/json',
      ...(error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
    },
    body: JSON.stringify(errorBody(error)),
  };
}

/** An error after the first byte. No `[DONE]` follows: that would call the answer whole. */
export function renderStreamError(error: ProxyCastError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}

function errorBody(error: ProxyCastError): Readonly<Record<string, unknown>> {
  return {
    error: {
      message: error.publicMessage.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(),
      type: formOf(error).type,
      param: error.field?.slice(0, MAX_NAME_CHARACTERS).toWellFormed() ?? null,
      code: error.code.slice(0, MAX_NAME_CHARACTERS),
    },
  };
}

const formOf = (error: ProxyCastError): OpenaiErrorForm => mapErrorKind(kindForClient(error));

/** A credential that an upstream refuses is not the client's key: a 401 would send a person to change the wrong one. */
function kindForClient({ kind, fault }: ProxyCastError): ErrorKind {
  return fault !== 'client' && (kind === 'authentication' || kind === 'permission') ? 'upstream-failed' : kind;
}
