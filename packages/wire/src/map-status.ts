import type { ErrorKind } from '@proxycast/spec';

/** What an HTTP status alone says about an error. 498 is Groq's, 529 Anthropic's word for being at capacity. */
export function mapStatus(status: number): ErrorKind {
  switch (status) {
    case 401:
      return 'authentication';
    case 402:
      return 'quota-exhausted';
    case 403:
      return 'permission';
    case 404:
    case 410:
      return 'not-found';
    case 405:
      return 'method-not-allowed';
    case 408:
    case 504:
    case 524:
      return 'timeout';
    case 409:
      return 'conflict';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limited';
    case 498:
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 400 && status < 500 ? 'invalid-request' : 'upstream-failed';
  }
}
