import type { FakeUpstream } from '@proxycast/testkit';
import { expect } from 'vitest';

/** Shows each violation with its rule and its words, not the whole request. */
export function expectNoViolations(upstream: FakeUpstream): void {
  expect(upstream.violations.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
}
