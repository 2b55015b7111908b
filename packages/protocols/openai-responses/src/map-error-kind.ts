import type { ErrorKind } from '@proxycast/spec';

export interface ResponsesErrorForm {
  readonly status: number;
  readonly type: string;
}

/** The status and type the API uses for each kind; the code says the rest. */
const FORMS: Readonly<Record<ErrorKind, ResponsesErrorForm>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  authentication: { status: 401, type: 'invalid_request_error' },
  permission: { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'invalid_request_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  'method-not-allowed': { status: 405, type: 'invalid_request_error' },
  'too-large': { status: 413, type: 'invalid_request_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  'quota-exhausted': { status: 429, type: 'insufficient_quota' },
  overloaded: { status: 503, type: 'server_error' },
  timeout: { status: 504, type: 'server_error' },
  'upstream-failed': { status: 502, type: 'api_error' },
  'upstream-unreachable': { status: 502, type: 'api_error' },
  unavailable: { status: 503, type: 'server_error' },
  internal: { status: 500, type: 'server_error' },
};

export const mapErrorKind = (kind: ErrorKind): ResponsesErrorForm => FORMS[kind];
