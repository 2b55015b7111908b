import type { AnswerExcerpt, ErrorKind, ProxyCastError, RenderedError } from '@proxycast/spec';
import {
  countOf,
  isObject,
  type JsonObject,
  parseObject,
  readSseFrames,
  readSseFramesBackwards,
} from '@proxycast/wire';
import { mapErrorKind, type ResponsesErrorForm } from './map-error-kind.ts';

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
    body: JSON.stringify({
      error: {
        message: errorMessageOf(error),
        type: formOf(error).type,
        param: errorFieldOf(error),
        code: errorCodeOf(error),
      },
    }),
  };
}

/**
 * An error after the first byte: `response.failed` with the response the stream began with, so that clients which keep
 * it by its id see it fail; `error` when that response was never seen whole.
 */
export function renderStreamError(error: ProxyCastError, { head, tail, isWhole }: AnswerExcerpt): string {
  const sequenceNumber = lastSequenceNumber(tail, isWhole) + 1;
  const response = firstResponse(head);
  if (response === undefined) {
    return frame('error', {
      code: errorCodeOf(error),
      message: errorMessageOf(error),
      param: errorFieldOf(error),
      sequence_number: sequenceNumber,
    });
  }
  const failure = { code: errorCodeOf(error), message: errorMessageOf(error) };
  return frame('response.failed', {
    sequence_number: sequenceNumber,
    response: { ...response, status: 'failed', error: failure },
  });
}

function firstResponse(head: string): JsonObject | undefined {
  const [first] = readSseFrames(head);
  const response = first === undefined ? undefined : parseObject(first.data)?.response;
  return isObject(response) ? response : undefined;
}

/** -1 when no event with a number was seen, so that the next is 0. */
function lastSequenceNumber(tail: string, isWhole: boolean): number {
  for (const { data } of readSseFramesBackwards(tail, !isWhole)) {
    const sequenceNumber = countOf(parseObject(data)?.sequence_number);
    if (sequenceNumber !== undefined) return sequenceNumber;
  }
  // The tail can be the end of one large event, such as an image. Inside a JSON string the quotes would be escaped.
  const numbers = [...tail.matchAll(/"sequence_number":\s?(\d{1,15})/g)];
  return Number(numbers[numbers.length - 1]?.[1] ?? -1);
}

const frame = (type: string, fields: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

export const errorMessageOf = (error: ProxyCastError): string =>
  error.publicMessage.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed();
export const errorCodeOf = (error: ProxyCastError): string => error.code.slice(0, MAX_NAME_CHARACTERS);
export const errorFieldOf = (error: ProxyCastError): string | null =>
  error.field?.slice(0, MAX_NAME_CHARACTERS).toWellFormed() ?? null;
const formOf = (error: ProxyCastError): ResponsesErrorForm => mapErrorKind(kindForClient(error));

/** A credential that an upstream refuses is not the client's key: a 401 would send a person to change the wrong one. */
function kindForClient({ kind, fault }: ProxyCastError): ErrorKind {
  return fault !== 'client' && (kind === 'authentication' || kind === 'permission') ? 'upstream-failed' : kind;
}
