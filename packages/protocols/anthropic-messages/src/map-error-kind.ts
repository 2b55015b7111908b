import type { ErrorKind } from '@proxycast/spec';

export interface AnthropicErrorForm {
  readonly status: number;
  readonly type: string;
}

/**
 * The status and type the API itself uses for each kind. It has
 * no type of its own for conflicts, wrong methods and gateway statuses: those keep the status and take the nearest.
 */
const FORMS: Readonly<Record<ErrorKind, AnthropicErrorForm>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  authentication: { status: 401, type: 'authentication_error' },
  permission: { status: 403, type: 'permission_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  'method-not-allowed': { status: 405, type: 'invalid_request_error' },
  'too-large': { status: 413, type: 'request_too_large' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  'quota-exhausted': { status: 429, type: 'rate_limit_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
  timeout: { status: 504, type: 'timeout_error' },
  'upstream-failed': { status: 502, type: 'api_error' },
  'upstream-unreachable': { status: 502, type: 'api_error' },
  unavailable: { status: 503, type: 'api_error' },
  internal: { status: 500, type: 'api_error' },
};

export const mapErrorKind = (kind: ErrorKind): AnthropicErrorForm => FORMS[kind];
