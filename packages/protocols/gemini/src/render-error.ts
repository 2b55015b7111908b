import type { AnswerExcerpt, ErrorKind, ProxyCastError, RenderedError } from '@proxycast/spec';
import type { JsonObject } from '@proxycast/wire';
import { mapErrorKind } from './map-error-kind.ts';

// An error must fit every client's buffers; an upstream's own words can be a page.
const MAX_MESSAGE_CHARACTERS = 4096;
const MAX_NAME_CHARACTERS = 256;

/** The dialect has no header for waiting, but clients of all dialects read `retry-after`: both are given. */
export function renderError(error: ProxyCastError, requestId: string): RenderedError {
  const seconds = retrySecondsOf(error);
  return {
    status: mapErrorKind(kindForClient(error)).code,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    },
    body: JSON.stringify({
      error: {
        ...errorObject(error),
        details: [...detailsOf(error), { '@type': `${TYPES}RequestInfo`, requestId }],
      },
    }),
  };
}

/** An error after the first byte, in the framing the client asked for; in an array it is the last element. */
export function renderStreamError(error: ProxyCastError, { framing, head }: AnswerExcerpt): string {
  const body = JSON.stringify({ error: { ...errorObject(error), details: detailsOf(error) } });
  if (framing !== 'json-array') return `data: ${body}\r\n\r\n`;
  return head === '' ? `[${body}]` : `,${body}]`;
}

function errorObject(error: ProxyCastError): JsonObject {
  const { code, status } = mapErrorKind(kindForClient(error));
  return { code, message: error.publicMessage.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed(), status };
}

const TYPES = 'type.googleapis.com/google.rpc.';

/** What the dialect has no field for goes where Google's APIs put such things: typed details. */
function detailsOf(error: ProxyCastError): readonly JsonObject[] {
  const seconds = retrySecondsOf(error);
  const { field } = error;
  const code = error.code.slice(0, MAX_NAME_CHARACTERS);
  return [
    { '@type': `${TYPES}ErrorInfo`, reason: code.toUpperCase(), domain: 'proxycast' },
    ...(seconds === undefined ? [] : [{ '@type': `${TYPES}RetryInfo`, retryDelay: `${seconds}s` }]),
    ...(field === undefined
      ? []
      : [
          {
            '@type': `${TYPES}BadRequest`,
            fieldViolations: [{ field: field.slice(0, MAX_NAME_CHARACTERS).toWellFormed(), description: code }],
          },
        ]),
  ];
}

const retrySecondsOf = ({ retryAfterMs }: ProxyCastError): number | undefined =>
  retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);

/** A credential that an upstream refuses is not the client's key: a 401 would send a person to change the wrong one. */
function kindForClient({ kind, fault }: ProxyCastError): ErrorKind {
  return fault !== 'client' && (kind === 'authentication' || kind === 'permission') ? 'upstream-failed' : kind;
}
