import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

function watch(isWatched: boolean) {
  let text = '';
  const ticks = new Set<() => void>();
  const progress = createProgress({
    write: (written) => {
      text += written;
    },
    isWatched,
    repeat: (callback) => {
      ticks.add(callback);
      return () => ticks.delete(callback);
    },
  });
  return {
    progress,
    tick: () => {
      for (const tick of ticks) tick();
    },
    text: () => text,
    running: () => ticks.size,
  };
}

test('work that takes long says for how long, in one line', () => {
  const { progress, tick, text, running } = watch(true);
  progress.start('Writing …');
  tick();
  tick();
  progress.start('Checking …');
  progress.stop();
  progress.stop();
  expect(text()).toBe('Writing …\rWriting … 1 s\rWriting … 2 s\nChecking …\n');
  expect(running()).toBe(0);
});

test('where nobody looks, nothing is written', () => {
  const { progress, text, running } = watch(false);
  progress.start('Writing …');
  expect([text(), running()]).toEqual(['', 0]);
});
