import type { ClientEndpoint } from '@proxycast/spec';

export const endpoints: readonly ClientEndpoint[] = [
  { method: 'POST', path: '/v1/messages', operation: 'chat', model: 'body', stream: 'body' },
  { method: 'POST', path: '/v1/messages/count_tokens', operation: 'count-tokens', model: 'body', stream: 'never' },
];
