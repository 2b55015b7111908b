import { type ErrorKind, type ProxyCastError, unreachable } from '@proxycast/spec';

export function statusOfError(error: ProxyCastError): number {
  // An upstream's 401 or 404 is no 401 or 404 of the admin API: a client would log out, or think the row is gone.
  if (error.fault === 'upstream') return error.kind === 'timeout' ? 504 : 502;
  return statusOfKind(error.kind);
}

function statusOfKind(kind: ErrorKind): number {
  switch (kind) {
    case 'invalid-request':
      return 400;
    case 'authentication':
      return 401;
    case 'permission':
      return 403;
    case 'not-found':
      return 404;
    case 'method-not-allowed':
      return 405;
    case 'conflict':
      return 409;
    case 'too-large':
      return 413;
    case 'rate-limited':
    case 'quota-exhausted':
      return 429;
    case 'internal':
      return 500;
    case 'upstream-failed':
    case 'upstream-unreachable':
      return 502;
    case 'overloaded':
    case 'unavailable':
      return 503;
    case 'timeout':
      return 504;
    default:
      return unreachable(kind);
  }
}
