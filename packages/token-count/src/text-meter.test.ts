import { beforeAll, describe, expect, test } from 'vitest';
import { type CountPiece, loadEncoding } from './load-encoding.ts';
import { MAX_COUNTED_UNITS, TextMeter } from './text-meter.ts';

let countPiece: CountPiece;
beforeAll(async () => {
  countPiece = await loadEncoding();
});

const count = (text: string, maxUnits?: number) => new TextMeter(countPiece, maxUnits).count(text);

describe('what a text is', () => {
  /** By the service's own tokenizer page for GPT-4o (2026-11). */
  test.each([
    ['', 0],
    ['hello world', 2],
    ['The quick brown fox jumps over the lazy dog.', 10],
  ])('%j is %i tokens', (text, tokens) => {
    expect(count(text).tokens).toBe(tokens);
  });

  test('a control token of a model is text like any other', () => {
    expect(count('<|endoftext|>').tokens).toBeGreaterThan(3);
  });

  test('wide scripts are counted apart', () => {
    expect(count('hello world').wide).toBe(0);
    const { tokens, wide } = count('你好,世界');
    expect(wide).toBeGreaterThan(0.7 * tokens);
  });

  test('cutting hardly changes the count of real text', () => {
    const text = '今天天气很好,我们一起去公园散步吧。然后回家吃饭,看一会儿书,早点休息。'.repeat(40);
    expect(count(text).tokens / countPiece(text)).toBeLessThan(1.02);
  });
});

describe('what is too long', () => {
  test('is taken to go on as it began', () => {
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(1_000);
    const whole = count(text).tokens;
    expect(count(text, 10_000).tokens / whole).toBeCloseTo(1, 1);
  });

  test('holds over all texts of a request', () => {
    const counted: number[] = [];
    const meter = new TextMeter((piece) => {
      counted.push(piece.length);
      return piece.length / 4;
    }, 1_000);
    for (let index = 0; index < 10; index++) expect(meter.count('word '.repeat(100)).tokens).toBeCloseTo(125, 0);
    expect(counted.reduce((sum, length) => sum + length, 0)).toBe(1_000);
  });
});

/** Time that this thread had of a processor: a busy machine changes nothing in it. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/**
 * Two megabytes of each. A run is quadratic for the tokenizer by itself: 32,000 characters take three seconds, these would
 * take hours. The bound is a hundred times what most of them take.
 */
describe('hostile text is counted in time', () => {
  const UNITS = 2_000_000;
  let state = 1;
  const random = (from: number, to: number): string => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(from + (state % (to - from)));
  };
  const filled = (make: () => string): string => Array.from({ length: UNITS }, make).join('');
  const TEXTS: readonly (readonly [string, () => string])[] = [
    ['one letter', () => 'a'.repeat(UNITS)],
    ['one capital', () => 'A'.repeat(UNITS)],
    ['one ideograph', () => '漢'.repeat(UNITS)],
    ['one picture of two units', () => '😀'.repeat(UNITS / 2)],
    ['half pairs', () => '\ud800'.repeat(UNITS)],
    ['marks without a letter', () => '\u0301'.repeat(UNITS)],
    ['joiners', () => '\u200d'.repeat(UNITS)],
    ['spaces', () => ' '.repeat(UNITS)],
    ['line feeds', () => '\n'.repeat(UNITS)],
    ['digits', () => '7'.repeat(UNITS)],
    ['signs', () => '='.repeat(UNITS)],
    ['control tokens', () => '<|endoftext|>'.repeat(UNITS / 13)],
    ['letters by chance', () => filled(() => random(97, 123))],
    ['ideographs by chance', () => filled(() => random(0x4e00, 0x9fff))],
    ['any units by chance', () => filled(() => random(1, 0xffff))],
  ];

  test.each(TEXTS)('%s', { timeout: 120_000 }, (_, make) => {
    const text = make();
    const startedMs = workedMs();
    const { tokens } = count(text);
    expect(workedMs() - startedMs).toBeLessThan(15_000);
    expect(tokens).toBeGreaterThan(UNITS / 100);
    expect(tokens).toBeLessThan(UNITS * 4);
  });

  test('the work grows with the text, not with its square', { timeout: 120_000 }, () => {
    const timeOf = (units: number): number => {
      const startedMs = workedMs();
      count('漢'.repeat(units), units);
      return workedMs() - startedMs;
    };
    timeOf(50_000);
    // Quadratic would be 64 times.
    expect(timeOf(1_600_000)).toBeLessThan(Math.max(2_000, timeOf(200_000) * 24));
    expect(MAX_COUNTED_UNITS).toBeLessThan(UNITS);
  });
});
