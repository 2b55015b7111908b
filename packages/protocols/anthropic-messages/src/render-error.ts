import type { ErrorKind, ProxyCastError, RenderedError } from '@proxycast/spec';
import { THREAD } from './decode-request.ts';
import { type AnthropicErrorForm, mapErrorKind } from './map-error-kind.ts';

// An error must fit every client's buffers; an upstream's own words can be a page.
const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_NAME_CHARACTERS = 256;

export function renderError(error: ProxyCastError, requestId: string): RenderedError {
  return {
    status: formOf(error).status,
    headers: {
      'content-type': 'application/json',
      'request-id': requestId,
      ...(error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
    },
    body: JSON.stringify({ ...errorBody(error), request_id: requestId }),
  };
}

/** An error after the first byte: the stream ends with it, and no `message_stop` follows. */
export function renderStreamError(error: ProxyCastError): string {
  return `event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`;
}

function errorBody(error: ProxyCastError): Readonly<Record<string, unknown>> {
  return {
    type: 'error',
    error: {
      type: formOf(error).type,
      message: messageOf(error).slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(),
      details: {
        ...codeOf(error),
        ...(error.field === undefined ? {} : { field: error.field.slice(0, MAX_NAME_CHARACTERS).toWellFormed() }),
      },
    },
  };
}

/** By this code the SDK's tool runner knows that it has to send the whole conversation each time, and goes on so. */
const codeOf = ({ code, field }: ProxyCastError): Readonly<Record<string, unknown>> =>
  field === THREAD
    ? { error_code: 'thread_unsupported_request', unsupported: [THREAD] }
    : { error_code: code.slice(0, MAX_NAME_CHARACTERS) };

const CONTEXT_IS_FULL = 'prompt is too long';

/** Clients of the dialect know by these words that the conversation has to become shorter; others say it by a code. */
function messageOf({ code, publicMessage }: ProxyCastError): string {
  return code === 'context_length_exceeded' && !publicMessage.includes(CONTEXT_IS_FULL)
    ? `${CONTEXT_IS_FULL}: ${publicMessage}`
    : publicMessage;
}

const formOf = (error: ProxyCastError): AnthropicErrorForm => mapErrorKind(kindForClient(error));

/** A credential that an upstream refuses is not the client's key: a 401 would send a person to change the wrong one. */
function kindForClient({ kind, fault }: ProxyCastError): ErrorKind {
  return fault !== 'client' && (kind === 'authentication' || kind === 'permission') ? 'upstream-failed' : kind;
}
