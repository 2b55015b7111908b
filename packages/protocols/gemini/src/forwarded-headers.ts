/**
 * `x-server-timeout` is how long the SDKs let the server work; the two of Vertex choose between reserved and shared
 * throughput. `x-goog-api-client` and the Gemini CLI's own headers describe the client, `x-goog-user-project` an account.
 */
export const forwardedRequestHeaders: readonly string[] = [
  'x-server-timeout',
  'x-vertex-ai-llm-request-type',
  'x-vertex-ai-llm-shared-request-type',
];

export const forwardedResponseHeaders: readonly string[] = [
  'retry-after',
  'server-timing',
  'x-ratelimit-',
  'x-gemini-',
];
