import { type ClientEndpoint, type Protocol, parseProtocolId } from '@proxycast/spec';
import { expect, test } from 'vitest';
import { createEndpointMatcher } from './match-endpoint.ts';

const never = (): never => {
  throw new Error('not called');
};

function protocol(id: string, endpoints: readonly Pick<ClientEndpoint, 'method' | 'path'>[]): Protocol {
  return {
    id: parseProtocolId(id),
    base: parseProtocolId(id),
    endpoints: endpoints.map((endpoint) => ({ operation: 'chat', model: 'body', stream: 'body', ...endpoint })),
    forwardedRequestHeaders: [],
    forwardedResponseHeaders: [],
    framingOf: never,
    renderError: never,
    renderStreamError: never,
    decodeError: never,
    findErrorInAnswer: never,
    isStreamComplete: never,
    readUsage: never,
  };
}

const matcher = createEndpointMatcher([
  protocol('a', [
    { method: 'POST', path: '/v1/chat' },
    { method: 'GET', path: '/v1/things/{id}' },
    { method: 'DELETE', path: '/v1/things/{id}' },
    { method: 'GET', path: '/v1/things/{id}/parts' },
  ]),
  protocol('b', [{ method: 'POST', path: '/v1beta/models/{model}:generate' }]),
]);

function show(method: string, path: string): string {
  const result = matcher.match(method, path);
  switch (result.type) {
    case 'matched':
      return [result.match.protocol.id, result.match.endpoint.path, result.match.parameter, result.match.pinnedProvider]
        .join(' ')
        .trim();
    case 'method-not-allowed':
      return `only ${result.allowed}`;
    case 'unknown':
      return 'unknown';
  }
}

test.each([
  ['POST', '/v1/chat', 'a /v1/chat'],
  ['GET', '/v1/chat', 'only POST'],
  ['GET', '/v1/things/t1', 'a /v1/things/{id} t1'],
  ['GET', '/v1/things/t1/parts', 'a /v1/things/{id}/parts t1'],
  ['POST', '/v1/things/t1', 'only GET, DELETE'],
  ['GET', '/v1/things/', 'unknown'],
  ['POST', '/v1beta/models/m:generate', 'b /v1beta/models/{model}:generate m'],
  ['POST', '/v1beta/models/maker/m:x:generate', 'b /v1beta/models/{model}:generate maker/m:x'],
  ['POST', '/v1beta/models/a%2Fb%20c:generate', 'b /v1beta/models/{model}:generate a/b c'],
  ['POST', '/v1beta/models/%zz:generate', 'unknown'],
  ['POST', '/v1beta/models/m:other', 'unknown'],
  ['POST', '/api/provider/p1/v1/chat', 'a /v1/chat  p1'],
  ['GET', '/api/provider/p1/v1/chat', 'only POST'],
  ['POST', '/api/provider/p1', 'unknown'],
  ['POST', '/api/provider//v1/chat', 'unknown'],
  ['POST', '/api/provider/p1/nothing', 'unknown'],
])('%s %s → %s', (method, path, expected) => {
  expect(show(method, path)).toBe(expected);
});
