/**
 * `anthropic-version` is required by the API and `anthropic-beta` switches features the body then uses. Everything
 * else Claude Code and the SDKs send (`x-app`, `x-stainless-*`, session and workspace ids, browser access) describes
 * the client or belongs to an account.
 */
export const forwardedRequestHeaders: readonly string[] = ['anthropic-version', 'anthropic-beta'];

/** Limits, the id to name to Anthropic's support, and what the SDKs retry by. Not the organization's id. */
export const forwardedResponseHeaders: readonly string[] = [
  'retry-after',
  'request-id',
  'anthropic-ratelimit-',
  'anthropic-priority-',
  'anthropic-fast-',
  'x-should-retry',
];
