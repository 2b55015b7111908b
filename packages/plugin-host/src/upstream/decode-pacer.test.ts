import { createFakeClock } from '@proxycast/testkit';
import { expect, test } from 'vitest';
import { createDecodePacer } from './decode-pacer.ts';

function createBed() {
  const clock = createFakeClock();
  const done: string[] = [];
  const pacer = createDecodePacer({
    monotonicMs: clock.now,
    setTimer(callback, delayMs) {
      const timer = clock.setTimeout(callback, delayMs);
      return () => clock.clearTimeout(timer);
    },
  });
  return { clock, done, schedule: (name: string) => pacer.schedule(() => void done.push(name)) };
}

test('after a pause at once, then together', () => {
  const { clock, done, schedule } = createBed();
  schedule('a');
  expect(done).toEqual(['a']);
  schedule('b');
  clock.advance(2);
  schedule('c');
  expect(done).toEqual(['a']);
  clock.advance(2);
  expect(done).toEqual(['a', 'b', 'c']);
  schedule('d');
  clock.advance(4);
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  clock.advance(4);
  schedule('e');
  expect(done.at(-1)).toBe('e');
  expect(clock.pending).toBe(0);
});

test('what is called off is not done', () => {
  const { clock, done, schedule } = createBed();
  schedule('a');
  const callOff = schedule('b');
  callOff();
  clock.advance(10);
  expect(done).toEqual(['a']);
});

test('with many streams at once the pause is longer, and bounded', () => {
  const { clock, done, schedule } = createBed();
  schedule('first');
  for (let stream = 0; stream < 100; stream++) schedule('x');
  clock.advance(4);
  expect(done).toHaveLength(101);
  schedule('later');
  clock.advance(29);
  expect(done).toHaveLength(101);
  clock.advance(1);
  expect(done).toHaveLength(102);
});
