import { expect, test } from 'vitest';
import { type PlacedExchange, RunningExchanges } from './running-exchanges.ts';

const exchange = (): PlacedExchange => ({ runningPlace: -1 });

test('an exchange leaves from any place, and the others stay', () => {
  const running = new RunningExchanges<PlacedExchange>();
  const [a, b, c] = [exchange(), exchange(), exchange()];
  for (const one of [a, b, c]) running.add(one);
  running.delete(a);
  expect(running.size).toBe(2);
  expect(running.all()).toContain(b);
  expect(running.all()).toContain(c);
  running.delete(c);
  running.delete(b);
  expect(running.size).toBe(0);
  running.add(a);
  expect(running.all()[0]).toBe(a);
});

test('an exchange that is not there, or no longer, changes nothing', () => {
  const running = new RunningExchanges<PlacedExchange>();
  const [a, b] = [exchange(), exchange()];
  running.add(a);
  running.delete(b);
  running.delete(a);
  running.add(b);
  running.delete(a);
  expect(running.size).toBe(1);
  expect(running.all()[0]).toBe(b);
});
