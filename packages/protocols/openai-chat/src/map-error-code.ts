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
  // Types in the manner of Anthropic, used by DeepSeek, Groq, Moonshot and many gateways
  ['authentication_error', 'authentication'],
  ['invalid_authentication_error', 'authentication'],
  ['incorrect_api_key_error', 'authentication'],
  ['permission_error', 'permission'],
  ['permission_denied_error', 'permission'],
  ['not_found_error', 'not-found'],
  ['rate_limit_error', 'rate-limited'],
  ['rate_limit_reached_error', 'rate-limited'],
  ['overloaded_error', 'overloaded'],
  ['timeout_error', 'timeout'],
  // Moonshot: the balance is used up; the engine is at capacity, with status 429
  ['exceeded_current_quota_error', 'quota-exhausted'],
  ['engine_overloaded_error', 'overloaded'],
  ['content_filter_error', 'invalid-request'],
  // Azure
  ['deploymentnotfound', 'not-found'],
  ['ratelimitreached', 'rate-limited'],
  // Alibaba: the account is overdue
  ['arrearage', 'quota-exhausted'],
  ['invalidapikey', 'authentication'],
  // Z.AI: the account is in arrears, with status 429
  ['1113', 'quota-exhausted'],
  // Perplexity
  ['too_many_prompt_tokens', 'invalid-request'],
  // Groq: the model called a tool wrongly; another try may go well
  ['tool_use_failed', 'invalid-request'],
]);

/** The kind a code or type alone tells; `undefined` for one that needs the status. */
export const mapErrorCode = (code: string): ErrorKind | undefined => KINDS.get(code.toLowerCase());
