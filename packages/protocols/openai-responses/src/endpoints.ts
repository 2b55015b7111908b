import type { ClientEndpoint } from '@proxycast/spec';

export const endpoints: readonly ClientEndpoint[] = [
  { method: 'POST', path: '/v1/responses', operation: 'chat', model: 'body', stream: 'body' },
  { method: 'POST', path: '/v1/responses/input_tokens', operation: 'count-tokens', model: 'body', stream: 'never' },
  { method: 'POST', path: '/v1/responses/compact', operation: 'response-compact', model: 'body', stream: 'never' },
  { method: 'GET', path: '/v1/responses/{id}', operation: 'response-retrieve', model: 'none', stream: 'never' },
  { method: 'DELETE', path: '/v1/responses/{id}', operation: 'response-delete', model: 'none', stream: 'never' },
  {
    method: 'GET',
    path: '/v1/responses/{id}/input_items',
    operation: 'response-input-items',
    model: 'none',
    stream: 'never',
  },
  { method: 'POST', path: '/v1/responses/{id}/cancel', operation: 'response-cancel', model: 'none', stream: 'never' },
];
