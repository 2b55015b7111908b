import { expect, test } from 'vitest';
import { isAllowedHost } from './is-allowed-host.ts';

test.each([
  ['127.0.0.1:8999', true],
  ['localhost', true],
  ['LOCALHOST:1', true],
  ['[::1]:8999', true],
  ['192.168.1.5:8999', true],
  ['proxycast.localhost:8999', true],
  ['host.docker.internal:8999', true],
  ['gateway.lan', true],
  ['evil.example:8999', false],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['a b', false],
  ['', false],
  [undefined, true],
])('host %s: %s', (header, expected) => {
  expect(isAllowedHost(header, ['gateway.lan'])).toBe(expected);
});
