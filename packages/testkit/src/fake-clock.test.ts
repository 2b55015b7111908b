import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

test('timers run in order of their time, each at its own instant, and not before', () => {
  const clock = createFakeClock(1000);
  const seen: string[] = [];
  clock.setTimeout(() => seen.push(`late ${clock.now()}`), 30);
  clock.setTimeout(() => seen.push(`early ${clock.now()}`), 10);
  clock.setTimeout(() => seen.push(`same ${clock.now()}`), 10);
  clock.advance(9);
  expect(seen).toEqual([]);
  clock.advance(21);
  expect(seen).toEqual(['early 1010', 'same 1010', 'late 1030']);
  expect(clock.now()).toBe(1030);
  expect(clock.pending).toBe(0);
});

test('a timer set by a timer runs within the same advance when it falls due', () => {
  const clock = createFakeClock(0);
  const seen: number[] = [];
  clock.setTimeout(() => clock.setTimeout(() => seen.push(clock.now()), 5), 5);
  clock.advance(10);
  expect(seen).toEqual([10]);
});

test('a cleared timer does not run', () => {
  const clock = createFakeClock(0);
  const timer = clock.setTimeout(() => expect.unreachable(), 5);
  clock.clearTimeout(timer);
  clock.clearTimeout(undefined);
  clock.advance(100);
  expect(clock.pending).toBe(0);
});

test('an interval repeats until it is cleared', () => {
  const clock = createFakeClock(0);
  const seen: number[] = [];
  const timer = clock.setInterval(() => {
    seen.push(clock.now());
    if (seen.length === 3) clock.clearInterval(timer);
  }, 10);
  clock.advance(100);
  expect(seen).toEqual([10, 20, 30]);
});

test('promises settle between timers when advancing asynchronously', async () => {
  const clock = createFakeClock(0);
  const seen: number[] = [];
  const sleep = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
  const done = (async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(10);
      seen.push(clock.now());
    }
  })();
  await clock.advanceAsync(30);
  await done;
  expect(seen).toEqual([10, 20, 30]);
});
