import type { ErrorKind } from '@proxycast/spec';

/**
 * Codes and types that say more than the status they come with, of the API and of the services that speak its
 * dialect. Lower case. `invalid_request_error` is not here: it comes with every status.
 */
const KINDS: ReadonlyMap<string, ErrorKind> = new Map([
  // OpenAI
  ['invalid_api_key', 'authentication'],
  ['account_deactivated', 'authentication'],
  ['insufficient_quota', 'quota-exhausted'],
  ['billing_not_active', 'quota-exhausted'],
  ['billing_hard_limit_reached', 'quota-exhausted'],
  ['rate_limit_exceeded', 'rate-limited'],
  ['model_not_found', 'not-found'],
  ['context_length_exceeded', 'invalid-request'],
  ['string_above_max_length', 'invalid-request'],
  ['content_filter', 'invalid-request'],
  ['content_policy_violation', 'invalid-request'],
  ['unsupported_country_region_territory', 'permission'],
  ['server_is_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['invalid_prompt', 'invalid-request'],
  ['usage_limit_reached', 'quota-exhausted'],
  ['usage_not_included', 'permission'],
  ['server_error', 'upstream-failed'],
  // DeepSeek, OpenRouter and other services with this endpoint
  ['authentication_error', 'authentication'],
  ['permission_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['rate_limit_error', 'rate-limited'],
  ['overloaded_error', 'overloaded'],
  // Azure
  ['deploymentnotfound', 'not-found'],
  ['ratelimitreached', 'rate-limited'],
]);

/** The kind a code or type alone tells; `undefined` for one that needs the status. */
export const mapErrorCode = (code: string): ErrorKind | undefined => KINDS.get(code.toLowerCase());
