/**
 * `openai-beta` switches features the body then uses; the idempotency key lets the SDKs' own retries through without
 * a second charge. Codex names its session, by which its backend keeps a conversation on one cache, and sends back the
 * turn state it was given. What else it sends (`originator`, the state of the working copy) describes the client.
 */
export const forwardedRequestHeaders: readonly string[] = [
  'openai-beta',
  'idempotency-key',
  'x-client-request-id',
  'session_id',
  'session-id',
  'conversation_id',
  'x-codex-turn-state',
  'x-codex-beta-features',
];

/** Limits, what the SDKs and Codex retry and route by, and which model answered in what time. Not the organization. */
export const forwardedResponseHeaders: readonly string[] = [
  'retry-after',
  'x-ratelimit-',
  'x-should-retry',
  'openai-processing-ms',
  'openai-version',
  'openai-model',
  'x-codex-',
  'x-reasoning-included',
];
