import type { ErrorKind } from '@proxycast/spec';

export interface GeminiErrorForm {
  /** The HTTP status, which the body repeats as `code`. */
  readonly code: number;
  readonly status: string;
}

/**
 * The canonical statuses of Google's APIs (google.rpc.Code). They have none for a wrong method and a body that is too
 * large: those keep their HTTP status.
 */
const FORMS: Readonly<Record<ErrorKind, GeminiErrorForm>> = {
  'invalid-request': { code: 400, status: 'INVALID_ARGUMENT' },
  authentication: { code: 401, status: 'UNAUTHENTICATED' },
  permission: { code: 403, status: 'PERMISSION_DENIED' },
  'not-found': { code: 404, status: 'NOT_FOUND' },
  conflict: { code: 409, status: 'ABORTED' },
  'method-not-allowed': { code: 405, status: 'UNIMPLEMENTED' },
  'too-large': { code: 413, status: 'INVALID_ARGUMENT' },
  'rate-limited': { code: 429, status: 'RESOURCE_EXHAUSTED' },
  'quota-exhausted': { code: 429, status: 'RESOURCE_EXHAUSTED' },
  overloaded: { code: 503, status: 'UNAVAILABLE' },
  timeout: { code: 504, status: 'DEADLINE_EXCEEDED' },
  'upstream-failed': { code: 502, status: 'INTERNAL' },
  'upstream-unreachable': { code: 502, status: 'UNAVAILABLE' },
  unavailable: { code: 503, status: 'UNAVAILABLE' },
  internal: { code: 500, status: 'INTERNAL' },
};

export const mapErrorKind = (kind: ErrorKind): GeminiErrorForm => FORMS[kind];
