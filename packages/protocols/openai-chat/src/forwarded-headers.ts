/**
 * `openai-beta` switches features the body then uses; the idempotency key lets the SDKs' own retries through without
 * a second charge. The organization and project headers belong to an account, `x-stainless-*` describes the client.
 */
export const forwardedRequestHeaders: readonly string[] = ['openai-beta', 'idempotency-key', 'x-client-request-id'];

/** Limits, what the SDKs retry by, and which model answered in what time. Not the organization. */
export const forwardedResponseHeaders: readonly string[] = [
  'retry-after',
  'x-ratelimit-',
  'x-should-retry',
  'openai-processing-ms',
  'openai-version',
  'openai-model',
];
