import { type DecodedError, type ErrorKind, type ProxyCastError, UpstreamError } from '@proxycast/spec';
import { mapStatus, rejectionCauseOf } from '@proxycast/wire';

/** What an attempt that did not answer means for the request. */
export interface Refusal {
  readonly error: ProxyCastError;
  readonly next: 'same' | 'another_credential' | 'another_provider' | 'stop';
  /** The upstream's own answer, when it is in the dialect and the client may see it. */
  readonly answer?: {
    readonly status: number;
    readonly contentType: string;
    readonly body: Buffer;
  };
  /** What the upstream said, its beginning, whether the client may see it or not. */
  readonly received?: Buffer;
}

/** Where the request may go after a failure of this kind. */
export function nextAfter(kind: ErrorKind): Refusal['next'] {
  switch (kind) {
    case 'invalid-request':
    case 'too-large':
      return 'stop';
    case 'authentication':
    case 'permission':
    case 'rate-limited':
    case 'quota-exhausted':
      return 'another_credential';
    default:
      return 'another_provider';
  }
}

export interface RefusedAnswer {
  readonly providerId: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly decoded?: DecodedError;
  readonly retryAfterMs?: number;
}

/** An error status. */
export function refusalOfAnswer(answer: RefusedAnswer): Refusal {
  const { providerId, status, contentType, body, decoded } = answer;
  // 402 says it all; servers that borrow another dialect's body often leave its code at a general one.
  const kind = status === 402 ? 'quota-exhausted' : (decoded?.kind ?? mapStatus(status));
  const retryAfterMs = decoded?.retryAfterMs ?? answer.retryAfterMs;
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (kind === 'authentication') {
    return {
      // A key of ours that the upstream rejects is not the client's key: a 401 would send its owner the wrong way.
      error: new UpstreamError({
        code: 'upstream_authentication',
        message: describeRejection(providerId, decoded?.message ?? ''),
        upstreamStatus: status,
        ...hint,
      }),
      next: 'another_credential',
      received: body,
    };
  }
  const error = new UpstreamError({
    code: decoded?.code ?? `upstream_status_${status}`,
    kind,
    message:
      decoded?.message ?? `The provider ${providerId} answered with status ${status} and no error in its dialect.`,
    upstreamStatus: status,
    ...hint,
  });
  const isOwnWords = decoded !== undefined && status >= 400;
  return {
    error,
    next: nextAfter(kind),
    received: body,
    ...(isOwnWords ? { answer: { status, contentType, body } } : {}),
  };
}

function describeRejection(providerId: string, words: string): string {
  switch (rejectionCauseOf(words)) {
    case 'clock':
      return `The provider ${providerId} rejected the signature of ProxyCast: the clock of its machine is off by minutes. Set it.`;
    case 'region':
      return `The provider ${providerId} rejected the signature of ProxyCast: it is for another region. Check its region and api_host.`;
    default:
      return `The provider ${providerId} rejected the key ProxyCast holds for it. Replace or test that key.`;
  }
}

/** No answer, or no more of it, within the time limit. */
export function timedOut(providerId: string): Refusal {
  return {
    error: new UpstreamError({
      code: 'upstream_timeout',
      kind: 'timeout',
      message: `The provider ${providerId} did not answer in time.`,
    }),
    next: 'another_provider',
  };
}

/** Why undici gave no answer. Only its error codes are read; its messages may name addresses. */
export function refusalOfTransport(providerId: string, cause: Error, hadAnswer: boolean): Refusal {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  switch (code) {
    case 'UND_ERR_INVALID_ARG':
      return {
        error: new UpstreamError({
          code: 'upstream_call_invalid',
          message: `The provider ${providerId} cannot be called: its key or a header holds characters that HTTP does not allow.`,
          cause,
        }),
        next: 'another_credential',
      };
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        error: new UpstreamError({
          code: hadAnswer ? 'upstream_cut' : 'upstream_closed',
          kind: 'upstream-failed',
          message: `The provider ${providerId} closed the connection ${hadAnswer ? 'before its answer was complete' : 'without an answer'}.`,
          cause,
        }),
        // A kept connection that died while idle fails like this; one more try on a new one tells it from a dead host.
        next: hadAnswer ? 'another_provider' : 'same',
      };
    default:
      return {
        error: new UpstreamError({
          code:
            code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW'
              ? 'upstream_invalid_http'
              : 'upstream_unreachable',
          kind: 'upstream-unreachable',
          message: `The provider ${providerId} cannot be reached${code === '' ? '' : ` (${code})`}. Check its api_host and the network.`,
          cause,
        }),
        next: 'another_provider',
      };
  }
}
