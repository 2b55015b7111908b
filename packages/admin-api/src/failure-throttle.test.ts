import { expect, test } from 'vitest';
import { createFailureThrottle } from './failure-throttle.ts';

function setUp(overallBurst = 1_000_000) {
  let time = 1_000;
  const throttle = createFailureThrottle({
    perAddress: { burst: 3, refillMs: 1_000 },
    overall: { burst: overallBurst, refillMs: 100 },
    now: () => time,
  });
  const fail = (address: string, times: number) => {
    for (let count = 0; count < times; count += 1) throttle.countFailure(address);
  };
  return {
    throttle,
    fail,
    advance(ms: number) {
      time += ms;
    },
  };
}

test('the burst is free, then one try comes back per refill', () => {
  const { throttle, fail, advance } = setUp();
  fail('10.0.0.1', 2);
  expect(throttle.waitMs('10.0.0.1')).toBe(0);
  fail('10.0.0.1', 1);
  expect(throttle.waitMs('10.0.0.1')).toBe(1_000);
  advance(999);
  expect(throttle.waitMs('10.0.0.1')).toBe(1);
  advance(1);
  expect(throttle.waitMs('10.0.0.1')).toBe(0);
  fail('10.0.0.1', 1);
  expect(throttle.waitMs('10.0.0.1')).toBe(1_000);
});

test('another address does not wait, and a success forgives', () => {
  const { throttle, fail } = setUp();
  fail('10.0.0.1', 3);
  expect(throttle.waitMs('10.0.0.2')).toBe(0);
  throttle.countSuccess('10.0.0.1');
  expect(throttle.waitMs('10.0.0.1')).toBe(0);
});

test('all addresses together have a limit that a success does not lift', () => {
  const { throttle, fail, advance } = setUp(5);
  for (const last of [1, 2, 3, 4, 5]) fail(`10.0.0.${last}`, 1);
  throttle.countSuccess('10.0.0.1');
  expect(throttle.waitMs('10.9.9.9')).toBe(100);
  advance(100);
  expect(throttle.waitMs('10.9.9.9')).toBe(0);
});

test('the addresses of one IPv6 network count as one', () => {
  const { throttle, fail } = setUp();
  fail('2001:db8:0:1::1', 1);
  fail('2001:db8:0:1:ffff:ffff:ffff:ffff', 1);
  fail('2001:db8::1:0:0:0:7', 1);
  expect(throttle.waitMs('2001:db8:0:1::99')).toBe(1_000);
  expect(throttle.waitMs('2001:db8:0:2::1')).toBe(0);
  fail('::1', 3);
  expect(throttle.waitMs('::1')).toBe(1_000);
});

test('IPv4 addresses in IPv6 form stay apart', () => {
  const { throttle, fail } = setUp();
  fail('::ffff:10.0.0.1', 3);
  expect([throttle.waitMs('::ffff:10.0.0.1'), throttle.waitMs('::ffff:10.0.0.2')]).toEqual([1_000, 0]);
});

test('a flood of addresses pushes out the oldest, not the newest', () => {
  const { throttle, fail } = setUp();
  fail('attacker', 3);
  for (let count = 0; count < 999; count += 1) fail(`a${count}`, 1);
  expect(throttle.waitMs('attacker')).toBe(1_000);
  fail('one-more', 3);
  expect([throttle.waitMs('attacker'), throttle.waitMs('one-more')]).toEqual([0, 1_000]);
});
