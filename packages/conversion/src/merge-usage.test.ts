import { describe, expect, test } from 'vitest';
import { mergeUsage } from './merge-usage.ts';

describe('mergeUsage', () => {
  test('takes what comes first as it is', () => {
    const usage = { input: 1 };
    expect(mergeUsage(undefined, usage)).toBe(usage);
  });

  test('takes later counts', () => {
    expect(mergeUsage({ input: 10, output: 1 }, { input: 12, output: 30 })).toEqual({ input: 12, output: 30 });
  });

  test('bug 77: an early count with fewer fields does not hide the later, richer one, nor the other way round', () => {
    const early = { input: 100, output: 5 };
    const rich = { input: 100, output: 20, cacheRead: 80, cacheWrite: 3, reasoning: 7 };
    expect(mergeUsage(early, rich)).toEqual(rich);
    expect(mergeUsage(rich, { output: 20 })).toEqual(rich);
  });

  test('bug 78: zeros of a broken stream do not erase counts', () => {
    const counted = { input: 100, output: 20, cacheRead: 80, cacheWrite: 3, reasoning: 7 };
    expect(mergeUsage(counted, { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 })).toEqual(counted);
  });

  test('takes the zeros of a count that was made anew', () => {
    const compacted = mergeUsage({ input: 55_196, cacheRead: 55_096 }, { input: 181, cacheRead: 0, output: 8 });
    expect(compacted).toEqual({ input: 181, cacheRead: 0, output: 8 });
  });

  test('keeps absent and none apart', () => {
    expect(mergeUsage({ input: 1 }, { cacheRead: 0 })).toEqual({ input: 1, cacheRead: 0 });
    expect(mergeUsage({ cacheRead: 0 }, {})).toEqual({ cacheRead: 0 });
    expect(mergeUsage({ cacheRead: 0 }, { cacheRead: 4 })).toEqual({ cacheRead: 4 });
  });

  test('merges what only one dialect counts one level deep', () => {
    const before = { extensions: { a: { x: 1, y: { deep: 1 } }, b: { z: 1 } } };
    const after = { extensions: { a: { y: { other: 2 } }, c: { w: 1 } } };
    expect(mergeUsage(before, after)).toEqual({
      extensions: { a: { x: 1, y: { other: 2 } }, b: { z: 1 }, c: { w: 1 } },
    });
  });

  test('changes neither of the two', () => {
    const before = Object.freeze({ input: 1, extensions: Object.freeze({ a: Object.freeze({ x: 1 }) }) });
    const after = Object.freeze({ input: 2, extensions: Object.freeze({ a: Object.freeze({ y: 1 }) }) });
    expect(mergeUsage(before, after)).toEqual({ input: 2, extensions: { a: { x: 1, y: 1 } } });
  });
});
