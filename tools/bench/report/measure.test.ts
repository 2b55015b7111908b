import { expect, test } from 'vitest';
import { createMeasure, createPairedMeasure } from './measure.ts';

const ratio = { target: 'proxycast', metric: 'cpu_ratio', compare: (a: number, b: number) => a / b } as const;

test('a ratio is taken slice by slice, so that a machine that slows down half-way does not change it', () => {
  const measure = createPairedMeasure({ ...ratio, samples: [150, 150, 300, 300], base: [100, 100, 200, 200] });
  expect(measure).toMatchObject({ value: 1.5, low: 1.5, high: 1.5, samples: [1.5, 1.5, 1.5, 1.5] });
});

test('the median of the ratios is not the ratio of the medians', () => {
  expect(createPairedMeasure({ ...ratio, samples: [10, 20, 90], base: [10, 40, 30] }).value).toBe(1);
});

test('slices without a partner are refused', () => {
  expect(() => createPairedMeasure({ ...ratio, samples: [1, 2], base: [1] })).toThrow('no pair in every slice');
});

test('what is not a number is refused by name', () => {
  expect(() => createMeasure('nginx', 'stretch', [1, Number.NaN])).toThrow('stretch of nginx is not a number');
  expect(() => createPairedMeasure({ ...ratio, samples: [1], base: [0] })).toThrow('cpu_ratio of proxycast');
});
